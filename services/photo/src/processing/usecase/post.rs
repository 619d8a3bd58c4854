//! Puts a count into the ledger.

use super::Processor;
use super::setback::Setback;
use crate::ports::{CallError, PhotoCount, Refusal};
use crate::processing::domain::{Counted, Event};
use crate::uploads::domain::Photo;

// === impl Processor ===

impl Processor {
    /// The ledger keeps one effect per session, so posting again changes nothing.
    pub(super) async fn post(&self, photo: &Photo, counted: &Counted) -> Result<Event, Setback> {
        let count = PhotoCount {
            session: photo.session,
            location: counted.place.location,
            estimate: counted.count.estimate,
            observed_at: photo.observed_at,
            user: photo.user.clone(),
        };
        let posting = self.stock.post_count(&count);
        match self.store.durably("the posting", posting).await {
            Ok(batch) => Ok(Event::CountPosted(batch)),
            Err(CallError::Refused {
                refusal: Refusal::NoConfiguration,
                ..
            }) => Ok(Event::ConfigurationMissing(
                "nothing says what grows in the location: configure it, then retry".to_owned(),
            )),
            Err(error) => Err(error.into()),
        }
    }
}
