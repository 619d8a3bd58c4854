//! Takes photos in: judged one by one, objects before rows, the same bytes for
//! the same location once.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use demeter_clock::{Clock, Ids};
use demeter_wakeup::Wakeup;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tracing::{info, warn};
use uuid::Uuid;

use super::JOBS;
use super::domain::{Photo, PhotoId};
use super::intake::{IncomingFile, SpooledFile, hex};
use super::store::{Answer, StaleUpload};
use crate::database::{Store, StoreError};
use crate::error::Error;
use crate::metrics::Metrics;
use crate::pictures::imaging::{Judged, judge};
use crate::pictures::{FileRefusal, Pictures, Variant};
use crate::ports::{LocationId, SessionId, Stock};
use crate::processing::domain::{Session, Status};

/// A clock that runs this much ahead of ours is still believed.
const CLOCK_SKEW: Duration = Duration::minutes(5);

/// Photos to store.
#[derive(Debug)]
pub struct Upload {
    /// Who uploads.
    pub user: String,
    /// Their biscuit.
    pub biscuit: String,
    /// In the order sent; never empty.
    pub files: Vec<IncomingFile>,
    /// The location in the photos, when stated.
    pub location: Option<LocationId>,
    /// When they were taken, when stated.
    pub taken_at: Option<DateTime<Utc>>,
    /// The same id gives the same answer.
    pub request: Option<Uuid>,
}

/// What became of an upload. Kept as JSON with its request id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// In the order sent.
    pub stored: Vec<Stored>,
    /// In the order sent.
    pub rejected: Vec<Rejected>,
}

/// A photo that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its key.
    pub photo: Uuid,
    /// The session that counts it.
    pub session: Uuid,
    /// As the client named it.
    pub filename: String,
    /// How far it was when it was answered: a [`Status`] by name.
    pub status: String,
    /// It was there before.
    pub duplicate: bool,
}

/// A file that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// As the client named it.
    pub filename: String,
    /// For programs.
    pub reason: String,
    /// For people.
    pub message: String,
}

/// Takes photos in.
pub struct Uploads {
    /// The truth.
    pub store: Store,
    /// The bytes.
    pub pictures: Pictures,
    /// Knows the locations.
    pub stock: Arc<dyn Stock>,
    /// Wakes the workers.
    pub wakeup: Wakeup,
    /// The time.
    pub clock: Clock,
    /// New keys.
    pub ids: Ids,
    /// One permit per image in memory.
    pub decoders: Arc<Semaphore>,
    /// Pixels of one image.
    pub max_pixels: u64,
    /// Counts what happens.
    pub metrics: Metrics,
}

// === impl Uploads ===

impl Uploads {
    /// Stores the files that can be stored. Fails when none can, with the first
    /// one's reason.
    pub async fn upload(&self, upload: Upload) -> Result<Outcome, Error> {
        self.check(&upload).await?;
        let fingerprint = fingerprint(&upload);
        if let Some(request) = upload.request
            && let Some(kept) = self.store.find_answer(&upload.user, request).await?
        {
            return replay(&kept, &fingerprint);
        }
        let (user, request) = (upload.user.clone(), upload.request);
        let outcome = self.store_all(upload).await?;
        let Some(request) = request else {
            return Ok(outcome);
        };
        self.keep(user, request, fingerprint, outcome).await
    }

    async fn check(&self, upload: &Upload) -> Result<(), Error> {
        let now = self.clock.now();
        if upload
            .taken_at
            .is_some_and(|taken| taken > now + CLOCK_SKEW)
        {
            return Err(Error::Invalid {
                field: "taken_at",
                problem: "is in the future".to_owned(),
            });
        }
        let Some(location) = upload.location else {
            return Ok(());
        };
        let exists = self.stock.location_exists(&upload.biscuit, location);
        if exists.await? {
            Ok(())
        } else {
            Err(Error::not_found("location", location.get()))
        }
    }

    async fn store_all(&self, upload: Upload) -> Result<Outcome, Error> {
        let Upload {
            user,
            biscuit: _,
            files,
            location,
            taken_at,
            request: _,
        } = upload;
        let mut stored = Vec::new();
        let mut rejected = Vec::new();
        let mut first = None;
        for IncomingFile { filename, content } in files {
            let draft = Draft {
                user: &user,
                filename: &filename,
                location,
                taken_at,
            };
            match self.store_one(content, draft).await? {
                Ok(photo) => stored.push(photo),
                Err(refusal) => {
                    self.metrics.upload(refusal.reason());
                    rejected.push(Rejected {
                        filename,
                        reason: refusal.reason().to_owned(),
                        message: refusal.to_string(),
                    });
                    first.get_or_insert(refusal);
                }
            }
        }
        match first {
            Some(refusal) if stored.is_empty() => Err(refusal.into()),
            _ => Ok(Outcome { stored, rejected }),
        }
    }

    async fn store_one(
        &self,
        content: Result<SpooledFile, FileRefusal>,
        draft: Draft<'_>,
    ) -> Result<Result<Stored, FileRefusal>, Error> {
        let file = match content {
            Ok(file) => file,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let sha256 = file.sha256().to_owned();
        if let Some(same) = self.store.find_same(&sha256, draft.location).await? {
            return Ok(Ok(self.duplicate(same, draft.filename)));
        }
        let (bytes, judged) = match self.judge(file).await? {
            Ok(judged) => judged,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (photo, session) = self.new_photo(&bytes, &judged, sha256, draft)?;
        if self.save(bytes, judged.thumbnail, &photo, &session).await? {
            self.metrics.upload("stored");
            info!(photo.id = %photo.id.0, session.id = %photo.session.0, "stored");
            self.wakeup.notify(JOBS).await;
            return Ok(Ok(stored(&photo, &session, draft.filename, false)));
        }
        // Someone else stored the same bytes meanwhile.
        match self.store.find_same(&photo.sha256, draft.location).await? {
            Some(same) => Ok(Ok(self.duplicate(same, draft.filename))),
            None => Err(StoreError::Stale.into()),
        }
    }

    /// Decodes off the async threads, as many at once as memory allows.
    async fn judge(
        &self,
        mut file: SpooledFile,
    ) -> Result<Result<(Bytes, Judged), FileRefusal>, Error> {
        let permit = Arc::clone(&self.decoders)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let max_pixels = self.max_pixels;
        let judged = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let bytes = file.read()?;
            Ok(judge(&bytes, max_pixels).map(|judged| (bytes, judged)))
        });
        match judged.await {
            Ok(outcome) => outcome.map_err(|error: std::io::Error| Error::internal(error)),
            // The decoder panicked: the file did it.
            Err(panic) => Ok(Err(FileRefusal::UnreadableImage(panic.to_string()))),
        }
    }

    fn new_photo(
        &self,
        bytes: &Bytes,
        judged: &Judged,
        sha256: String,
        draft: Draft<'_>,
    ) -> Result<(Photo, Session), Error> {
        let now = self.clock.now();
        let photo = Photo {
            id: PhotoId(self.ids.next()),
            session: SessionId(self.ids.next()),
            sha256,
            requested_location: draft.location,
            format: judged.format,
            size_bytes: i64::try_from(bytes.len()).map_err(Error::internal)?,
            width_px: i32::try_from(judged.width_px).map_err(Error::internal)?,
            height_px: i32::try_from(judged.height_px).map_err(Error::internal)?,
            position: judged.position,
            captured_at: judged.captured_at,
            observed_at: draft.taken_at.unwrap_or(now),
            created_at: now,
            user: draft.user.to_owned(),
            filename: draft.filename.to_owned(),
        };
        let session = Session {
            id: photo.session,
            status: Status::Received,
            message: String::new(),
            location: draft.location,
            location_candidates: 0,
            attempts: 0,
            total_detected: None,
            mean_confidence: None,
            model: String::new(),
            batch: String::new(),
        };
        Ok((photo, session))
    }

    /// False when the same photo is there already. Whatever goes wrong, no
    /// object stays without a photo: what cannot be removed now is swept later.
    async fn save(
        &self,
        original: Bytes,
        thumbnail: Vec<u8>,
        photo: &Photo,
        session: &Session,
    ) -> Result<bool, Error> {
        let upload = StaleUpload {
            session: photo.session,
            format: photo.format,
        };
        self.store
            .insert_pending_upload(upload, photo.created_at)
            .await?;
        let saved = self
            .put_and_insert(original, thumbnail, photo, session)
            .await;
        if !matches!(saved, Ok(true)) {
            self.undo(upload).await;
        }
        saved
    }

    async fn put_and_insert(
        &self,
        original: Bytes,
        thumbnail: Vec<u8>,
        photo: &Photo,
        session: &Session,
    ) -> Result<bool, Error> {
        let (id, format) = (photo.session, photo.format);
        let pictures = &self.pictures;
        pictures
            .put(id, format, Variant::Original, original)
            .await?;
        pictures
            .put(id, format, Variant::Thumbnail, thumbnail.into())
            .await?;
        match self.store.insert_photo(photo, session).await {
            Ok(()) => Ok(true),
            Err(StoreError::Taken { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// After a commit that failed without an answer the photo may be there; then
    /// its objects must stay.
    async fn undo(&self, upload: StaleUpload) {
        let undone = async {
            if self.store.find_session(upload.session).await?.is_none() {
                self.pictures.delete(upload.session, upload.format).await?;
                self.store.delete_pending_upload(upload.session).await?;
            }
            Ok::<(), Error>(())
        };
        if let Err(error) = undone.await {
            warn!(%error, session.id = %upload.session.0, "left objects for the sweeper");
        }
    }

    fn duplicate(&self, (photo, session): (Photo, Session), filename: &str) -> Stored {
        self.metrics.upload("duplicate");
        stored(&photo, &session, filename, true)
    }

    async fn keep(
        &self,
        user: String,
        request: Uuid,
        fingerprint: String,
        outcome: Outcome,
    ) -> Result<Outcome, Error> {
        let content = serde_json::to_string(&outcome).map_err(Error::internal)?;
        let answer = Answer {
            request,
            user: user.clone(),
            fingerprint: fingerprint.clone(),
            content,
        };
        match self.store.insert_answer(answer, self.clock.now()).await {
            Ok(()) => Ok(outcome),
            Err(error @ StoreError::Taken { .. }) => {
                // The same request came twice at once: both get one answer.
                match self.store.find_answer(&user, request).await? {
                    Some(kept) => replay(&kept, &fingerprint),
                    None => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What the files of one upload have in common, and a name.
#[derive(Clone, Copy)]
struct Draft<'a> {
    user: &'a str,
    filename: &'a str,
    location: Option<LocationId>,
    taken_at: Option<DateTime<Utc>>,
}

fn stored(photo: &Photo, session: &Session, filename: &str, duplicate: bool) -> Stored {
    Stored {
        photo: photo.id.0,
        session: session.id.0,
        filename: filename.to_owned(),
        status: session.status.name().to_owned(),
        duplicate,
    }
}

fn replay(kept: &Answer, fingerprint: &str) -> Result<Outcome, Error> {
    if kept.fingerprint != fingerprint {
        return Err(Error::RequestIdReused);
    }
    serde_json::from_str(&kept.content).map_err(Error::internal)
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
