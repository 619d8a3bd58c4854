//! One upload from its first file to its answer.

use chrono::Duration;

use super::answer::request_of;
use super::store_file::Draft;
use super::{Upload, Uploads};
use crate::error::Error;
use crate::uploads::domain::{Answer, Rejected};
use crate::uploads::intake::IncomingFile;

/// A clock that runs this much ahead of ours is still believed.
const CLOCK_SKEW: Duration = Duration::minutes(5);

// === impl Uploads ===

impl Uploads {
    /// Stores the files that can be stored. Fails when none can, with the first
    /// one's reason.
    pub async fn upload(&self, upload: Upload) -> Result<Answer, Error> {
        self.check(&upload).await?;
        let Some(request) = request_of(&upload, self.clock.now()) else {
            return self.store_all(upload).await;
        };
        if let Some(kept) = self.kept(&request).await? {
            return Ok(kept);
        }
        let answer = self.store_all(upload).await?;
        self.keep(&request, &answer).await
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
        // An upload's biscuit is good for the upload alone.
        let exists = self.stock.location_exists(None, location);
        if exists.await? {
            Ok(())
        } else {
            Err(Error::not_found("location", location.get()))
        }
    }

    async fn store_all(&self, upload: Upload) -> Result<Answer, Error> {
        let Upload {
            user,
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
            match self.store_file(content, draft).await? {
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
            _ => Ok(Answer { stored, rejected }),
        }
    }
}
