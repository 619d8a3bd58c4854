//! The same request id gives the same answer.

use chrono::{DateTime, Utc};
use demeter_db::{Key, once};
use sha2::{Digest as _, Sha256};

use super::{Upload, Uploads};
use crate::database::Tx;
use crate::error::Error;
use crate::ports::LocationId;
use crate::uploads::domain::Answer;
use crate::uploads::intake::{IncomingFile, hex};
use crate::uploads::store::answers::{self, Request};

impl Key for Request {
    type Answer = Answer;
    type Error = Error;

    async fn answered(&self, tx: &Tx) -> Result<Option<Answer>, Error> {
        of_this_upload(self, answers::find(tx, &self.user, self.id).await?)
    }

    async fn remember(&self, tx: &Tx, answer: &Answer) -> Result<(), Error> {
        Ok(answers::insert(tx, self, answer).await?)
    }
}

// === impl Uploads ===

impl Uploads {
    /// The answer that this request had before.
    pub(super) async fn kept(&self, request: &Request) -> Result<Option<Answer>, Error> {
        let connection = self.store.connection();
        let found = answers::find(connection, &request.user, request.id).await?;
        of_this_upload(request, found)
    }

    /// Keeps the answer; when the same request came twice at once, both get the answer
    /// of the one that was quicker. Storing files takes longer than a transaction may,
    /// so it is done before: the same bytes are stored once anyway.
    pub(super) async fn keep(&self, request: &Request, answer: &Answer) -> Result<Answer, Error> {
        let kept = once(self.store.connection(), request, |_tx| async {
            Ok(answer.clone())
        });
        let kept = self.store.durably("the answer", kept).await?;
        Ok(kept.answer)
    }
}

/// The kept answer, unless it is another upload's.
fn of_this_upload(
    request: &Request,
    kept: Option<(String, Answer)>,
) -> Result<Option<Answer>, Error> {
    match kept {
        Some((fingerprint, _)) if fingerprint != request.fingerprint => Err(Error::RequestIdReused),
        kept => Ok(kept.map(|(_, answer)| answer)),
    }
}

/// What tells this upload from every other, if its client wants that.
pub(super) fn request_of(upload: &Upload, received_at: DateTime<Utc>) -> Option<Request> {
    Some(Request {
        user: upload.user.clone(),
        id: upload.request?,
        fingerprint: fingerprint(upload),
        received_at,
    })
}

/// The same for the same content, however it was cut into pieces.
fn fingerprint(upload: &Upload) -> String {
    let mut hash = Sha256::new();
    hash.update(upload.location.map_or(0, LocationId::get).to_be_bytes());
    let taken_at = upload.taken_at.map_or(0, |taken| taken.timestamp_micros());
    hash.update(taken_at.to_be_bytes());
    for IncomingFile { filename, content } in &upload.files {
        hash.update(filename.len().to_be_bytes());
        hash.update(filename);
        hash.update(match content {
            Ok(file) => file.sha256(),
            Err(refusal) => refusal.reason(),
        });
    }
    hex(&hash.finalize())
}
