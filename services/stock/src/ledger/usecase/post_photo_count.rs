//! Posts a photo's count: it replaces what stood in its location.

use demeter_db::{Key, once};

use super::Ledger;
use super::books::taken;
use super::write::{Arrival, Says, Written};
use crate::beds::domain::bin::LockedLocation;
use crate::beds::domain::configuration::configured_at;
use crate::beds::store::configurations;
use crate::beds::usecase::lock;
use crate::catalog::domain::Kind;
use crate::database::Tx;
use crate::error::{Error, Exists, Refusal};
use crate::ids::BatchId;
use crate::ledger::domain::count::{PhotoCount, Posted, Replacement};
use crate::ledger::store::photo_counts;

// === impl PhotoCount ===

/// A session is counted once.
impl Key for PhotoCount {
    type Answer = Posted;
    type Error = Error;

    async fn answered(&self, tx: &Tx) -> Result<Option<Posted>, Error> {
        match photo_counts::find(tx, self.session).await? {
            Some(posted) if !posted.is(self) => Err(Exists::SessionAlreadyPosted.into()),
            posted => Ok(posted),
        }
    }

    async fn remember(&self, tx: &Tx, posted: &Posted) -> Result<(), Error> {
        Ok(photo_counts::insert(tx, posted).await?)
    }
}

// === impl Ledger ===

impl Ledger {
    /// Posts a count once, however often it is called: what stood in the location
    /// when the photo was taken is replaced by the counted plants, shared by the
    /// kinds that stood there. What took effect later keeps its effect, and a later
    /// count its number.
    pub async fn post_photo_count(&self, count: &PhotoCount) -> Result<Replacement, Error> {
        let posted = once(self.connection(), count, |tx| async move {
            self.post(&tx, count).await
        })
        .await?;
        Ok(posted.answer.replacement)
    }

    async fn post(&self, tx: &Tx, count: &PhotoCount) -> Result<Posted, Error> {
        let location = lock(tx, count.location).await?;
        let at = self.now();
        let count = count.posted_at(at);
        let kind = kind_at(tx, &location, &count).await?;
        let mut books = self.open_books(tx, location, count.observed_at).await?;
        let arrival = Arrival {
            fact: books.photo_count(&count, kind, BatchId(self.ids.next())),
            says: Says::Photo(count.session),
            effective: taken(&count),
            user: count.user.clone(),
            now: at,
        };
        let written = self.write(tx, &mut books, arrival).await?;
        self.save(tx, &mut books).await?;
        Ok(Posted {
            count,
            replacement: replacement(written),
            at,
        })
    }
}

/// The kind that the location was configured for when the photo was taken.
async fn kind_at(tx: &Tx, location: &LockedLocation, count: &PhotoCount) -> Result<Kind, Error> {
    let history = configurations::history(tx, location.id).await?;
    let at = count.observed_at;
    let configuration = configured_at(&history, at).filter(|one| !one.is_closed_by(at));
    let refusal = || Refusal::NoConfiguration(location.code.clone());
    Ok(configuration.ok_or_else(refusal)?.crop.lines.main())
}

fn replacement(written: Written) -> Replacement {
    let counted = written
        .counted()
        .filter(|_| !written.difference.superseded)
        .map(|line| line.batch);
    Replacement {
        batch: counted.and_then(|id| written.batch(id).cloned()),
        movements: written.lines,
        difference: written.difference,
    }
}
