//! The same request id gives the same answer.

use sha2::{Digest as _, Sha256};

use super::{Upload, Uploads};
use crate::database::StoreError;
use crate::error::Error;
use crate::ports::LocationId;
use crate::uploads::domain::Answer;
use crate::uploads::intake::{IncomingFile, hex};
use crate::uploads::store::answers::{self, Request};

// === impl Uploads ===

impl Uploads {
    /// The answer that this request had before.
    pub(super) async fn kept(&self, request: &Request) -> Result<Option<Answer>, Error> {
        match answers::find(&self.store, &request.user, request.id).await? {
            None => Ok(None),
            Some((fingerprint, answer)) if fingerprint == request.fingerprint => Ok(Some(answer)),
            Some(_another_upload) => Err(Error::RequestIdReused),
        }
    }

    pub(super) async fn keep(&self, request: Request, answer: Answer) -> Result<Answer, Error> {
        let kept = answers::insert(&self.store, &request, &answer, self.clock.now());
        match kept.await {
            Ok(()) => Ok(answer),
            // The same request came twice at once: both get one answer.
            Err(error @ StoreError::Taken { .. }) => match self.kept(&request).await? {
                Some(kept) => Ok(kept),
                None => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// What tells this upload from every other, if its client wants that.
pub(super) fn request_of(upload: &Upload) -> Option<Request> {
    Some(Request {
        user: upload.user.clone(),
        id: upload.request?,
        fingerprint: fingerprint(upload),
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
