//! Stores one file: judged, put, and then written down.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use demeter_pictures::{Declared, mebibytes};
use tokio::sync::OwnedSemaphorePermit;
use tracing::{info, warn};

use super::Uploads;
use crate::database::StoreError;
use crate::error::Error;
use crate::pictures::imaging::{Judged, judge};
use crate::pictures::{FileRefusal, Variant};
use crate::ports::{LocationId, SessionId};
use crate::uploads::JOBS;
use crate::uploads::domain::{Photo, PhotoId, Stage, Stored};
use crate::uploads::intake::SpooledFile;
use crate::uploads::store::pending::{self, StaleUpload};
use crate::uploads::store::photos::{self, Existing};

/// What the files of one upload have in common, and a name.
#[derive(Clone, Copy)]
pub(super) struct Draft<'a> {
    pub(super) user: &'a str,
    pub(super) filename: &'a str,
    pub(super) location: Option<LocationId>,
    pub(super) taken_at: Option<DateTime<Utc>>,
}

// === impl Uploads ===

impl Uploads {
    pub(super) async fn store_file(
        &self,
        content: Result<SpooledFile, FileRefusal>,
        draft: Draft<'_>,
    ) -> Result<Result<Stored, FileRefusal>, Error> {
        let file = match content {
            Ok(file) => file,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let sha256 = file.sha256().to_owned();
        if let Some(same) = photos::find_same(&self.store, &sha256, draft.location).await? {
            return Ok(Ok(self.duplicate(same, draft.filename)));
        }
        let (bytes, judged) = match self.judge(file).await? {
            Ok(judged) => judged,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let photo = self.new_photo(&bytes, &judged, sha256, draft)?;
        if self.save(bytes, judged.thumbnail, &photo).await? {
            self.metrics.upload("stored");
            info!(photo.id = %photo.id.0, session.id = %photo.session.0, "stored");
            self.wakeup.notify(JOBS).await;
            return Ok(Ok(new(&photo)));
        }
        // Someone else stored the same bytes meanwhile, or swept ours.
        match photos::find_same(&self.store, &photo.sha256, draft.location).await? {
            Some(same) => Ok(Ok(self.duplicate(same, draft.filename))),
            None => Err(Error::Unavailable("the upload was swept meanwhile".into())),
        }
    }

    /// Decodes off the async threads, as many at once as processors and memory allow:
    /// the file is
    /// read for its header, and once more when there is room for what that declares.
    async fn judge(
        &self,
        mut file: SpooledFile,
    ) -> Result<Result<(Bytes, Judged), FileRefusal>, Error> {
        // First, so that nobody who waits for a processor holds memory.
        let _turn = self.judges.acquire().await.map_err(Error::internal)?;
        let size = mebibytes(file.size());
        let permit = self.room(size).await?;
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let needed = file
                .read()
                .map(|bytes| Declared::mebibytes_to_decode(&bytes));
            (file, needed)
        });
        let (mut file, needed) = read.await.map_err(Error::internal)?;
        let needed = needed.map_err(Error::internal)?.unwrap_or(0);
        let permit = self.room(size + needed).await?;
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

    async fn room(&self, mebibytes: u32) -> Result<OwnedSemaphorePermit, Error> {
        let memory = Arc::clone(&self.decoders);
        let permit = memory.acquire_many_owned(mebibytes).await;
        permit.map_err(Error::internal)
    }

    fn new_photo(
        &self,
        bytes: &Bytes,
        judged: &Judged,
        sha256: String,
        draft: Draft<'_>,
    ) -> Result<Photo, Error> {
        let now = self.clock.now();
        Ok(Photo {
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
        })
    }

    /// False when the same photo is there already, or the objects are gone. Whatever
    /// goes wrong, no object stays without a photo: what cannot be removed now is swept
    /// later.
    async fn save(
        &self,
        original: Bytes,
        thumbnail: Vec<u8>,
        photo: &Photo,
    ) -> Result<bool, Error> {
        let upload = StaleUpload {
            session: photo.session,
            format: photo.format,
        };
        pending::insert(&self.store, upload, photo.created_at).await?;
        let saved = self.put_and_insert(original, thumbnail, photo).await;
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
    ) -> Result<bool, Error> {
        let (id, format) = (photo.session, photo.format);
        let pictures = &self.pictures;
        pictures
            .put(id, format, Variant::Original, original)
            .await?;
        pictures
            .put(id, format, Variant::Thumbnail, thumbnail.into())
            .await?;
        match photos::insert(&self.store, photo).await {
            Ok(added) => Ok(added),
            Err(StoreError::Taken { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// After a commit that failed without an answer the photo may be there; then
    /// its objects must stay.
    async fn undo(&self, upload: StaleUpload) {
        let undone = async {
            if !photos::exists(&self.store, upload.session).await? {
                self.pictures.delete(upload.session, upload.format).await?;
                pending::delete(&self.store, upload.session).await?;
            }
            Ok::<(), Error>(())
        };
        if let Err(error) = undone.await {
            warn!(%error, session.id = %upload.session.0, "left objects for the sweeper");
        }
    }

    fn duplicate(&self, same: Existing, filename: &str) -> Stored {
        self.metrics.upload("duplicate");
        let Existing {
            photo,
            session,
            stage,
        } = same;
        Stored {
            photo,
            session,
            filename: filename.to_owned(),
            stage,
            duplicate: true,
        }
    }
}

fn new(photo: &Photo) -> Stored {
    Stored {
        photo: photo.id,
        session: photo.session,
        filename: photo.filename.clone(),
        stage: Stage::Received,
        duplicate: false,
    }
}
