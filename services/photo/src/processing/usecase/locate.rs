//! Which location a photo shows.

use super::Processor;
use super::setback::Setback;
use crate::ports::{LocationId, Place};
use crate::processing::domain::Event;
use crate::uploads::domain::Photo;

// === impl Processor ===

impl Processor {
    /// What was stated with the upload counts before the camera's position.
    pub(super) async fn locate(
        &self,
        photo: &Photo,
        stated: Option<LocationId>,
    ) -> Result<Event, Setback> {
        if let Some(location) = stated {
            return Ok(Event::LocationFound(Place::stated(location)));
        }
        let Some(position) = photo.position else {
            return Ok(unknown(
                "the photo has no GPS position: assign its location",
            ));
        };
        let found = self.stock.locate(position).await?;
        let Some(nearest) = found.first() else {
            return Ok(unknown(
                "the photo was taken outside every location: assign its location",
            ));
        };
        Ok(Event::LocationFound(Place {
            location: *nearest,
            candidates: i32::try_from(found.len()).unwrap_or(i32::MAX),
        }))
    }
}

fn unknown(why: &str) -> Event {
    Event::LocationUnknown(why.to_owned())
}
