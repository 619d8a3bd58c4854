//! How many plants are in a photo.

use std::sync::Arc;

use bytes::Bytes;
use demeter_pictures::Declared;

use super::Processor;
use super::setback::Setback;
use crate::pictures::Variant;
use crate::pictures::imaging::annotated;
use crate::ports::Count;
use crate::processing::domain::Event;
use crate::uploads::domain::Photo;

// === impl Processor ===

impl Processor {
    pub(super) async fn analyse(&self, photo: &Photo) -> Result<Event, Setback> {
        let (session, format) = (photo.session, photo.format);
        let original = self.pictures.original(session, format).await?;
        let count = self.inference.count_plants(original.clone()).await?;
        let (picture, count) = self.draw(photo, original, count).await?;
        // The picture before the row that says there is one.
        self.pictures
            .put(session, format, Variant::Annotated, picture)
            .await?;
        Ok(Event::PlantsCounted(count))
    }

    async fn draw(
        &self,
        photo: &Photo,
        original: Bytes,
        count: Count,
    ) -> Result<(Bytes, Count), Setback> {
        // It was taken, so it is within the limits.
        let needed = Declared::mebibytes_to_decode(&original).unwrap_or(1);
        let memory = Arc::clone(&self.decoders);
        let permit = memory.acquire_many_owned(needed).await;
        let permit = permit.map_err(|closed| Setback::Later(closed.to_string()))?;
        let format = photo.format;
        let drawn = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            (annotated(&original, format, &count), count)
        });
        let (picture, count) = drawn
            .await
            .map_err(|panic| Setback::Perhaps(panic.to_string()))?;
        let picture = picture.map_err(|refusal| Setback::Never(refusal.to_string()))?;
        Ok((picture.into(), count))
    }
}
