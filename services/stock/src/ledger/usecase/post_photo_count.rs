//! Replaces the baseline of a location by a photo's count.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use demeter_db::{Key, once};

use super::Ledger;
use super::plant::Planted;
use crate::beds::domain::LockedLocation;
use crate::beds::store::{bins, configurations, locations};
use crate::database::{StoreError, Tx};
use crate::error::{Error, Exists, Refusal};
use crate::ids::BatchId;
use crate::ledger::domain::batch::Batch;
use crate::ledger::domain::count::{
    PhotoCount, Posted, Replacement, Standing, Step, What, replace,
};
use crate::ledger::domain::movement::{Draft, Movement, MovementType, Source};
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::{batches, movements, photo_counts};

/// The batches of a location while its count is applied.
struct Bed {
    batches: Vec<Batch>,
    /// The batch of the configured kind; `None` while there is none and none is needed.
    target: Option<BatchId>,
}

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
    /// Posts a count once, however often it is called: everything that stood in
    /// the location when the photo was taken is replaced by the counted plants.
    /// A photo older than the location's last count changes nothing.
    pub async fn post_photo_count(&self, count: &PhotoCount) -> Result<Replacement, Error> {
        let posted = once(self.connection(), count, |tx| async move {
            self.post(&tx, count).await
        })
        .await?;
        Ok(posted.replacement)
    }

    async fn post(&self, tx: &Tx, count: &PhotoCount) -> Result<Posted, Error> {
        let found = locations::lock(tx, count.location).await;
        let location = Error::found(found, "storage location", count.location)?;
        let at = self.now();
        let count = count.posted_at(at);
        let newer = photo_counts::exists_after(tx, location.id, count.observed_at).await?;
        let replacement = if newer {
            superseded(tx, &location).await?
        } else {
            self.replace_baseline(tx, &location, &count, at).await?
        };
        Ok(Posted {
            count,
            replacement,
            at,
        })
    }

    async fn replace_baseline(
        &self,
        tx: &Tx,
        location: &LockedLocation,
        count: &PhotoCount,
        now: DateTime<Utc>,
    ) -> Result<Replacement, Error> {
        let mut bed = self.bed(tx, location, count, now).await?;
        let previous_quantity = bed.quantity();
        let then = movements::quantities_as_of(tx, location.id, count.observed_at).await?;
        // Without a batch of the configured kind nothing was counted, and a
        // target that does not stand there receives nothing.
        let target = bed.target.unwrap_or(BatchId(count.session.0));
        let steps = replace(&bed.standing(&then), target, count.quantity);
        let mut lines = Vec::with_capacity(steps.len());
        for step in &steps {
            let draft = self.draft(step, count, now);
            lines.push(bed.apply(step.batch, draft)?);
        }
        save(tx, &bed.batches, &lines).await?;
        let current_quantity = bed.quantity();
        Ok(Replacement {
            batch: bed.into_counted(count.quantity),
            movements: lines,
            previous_quantity,
            current_quantity,
            superseded: false,
        })
    }

    /// Locks the batches of a location, and adds the one that the count needs.
    async fn bed(
        &self,
        tx: &Tx,
        location: &LockedLocation,
        count: &PhotoCount,
        now: DateTime<Utc>,
    ) -> Result<Bed, Error> {
        let Some(configuration) = configurations::find(tx, location.id).await? else {
            return Err(Refusal::NoConfiguration(location.code.clone()).into());
        };
        let kind = configuration.crop.kind;
        let mut batches = batches::lock_all(tx, location.id).await?;
        let newest_bin = bins::newest_active(tx, location.id).await?;
        let matching = |batch: &&Batch| {
            let origin = batch.origin();
            Some(origin.bin) == newest_bin && origin.kind == kind
        };
        let found = batches.iter().rev().find(matching);
        let mut target = found.map(|batch| batch.origin().id);
        if target.is_none() && count.quantity > Quantity::ZERO {
            let planted = Planted {
                kind,
                quantity: count.quantity,
                planting_date: None,
                notes: String::new(),
            };
            let batch = self.new_batch(tx, location, planted, now).await?;
            target = Some(batch.origin().id);
            batches.push(batch);
        }
        Ok(Bed { batches, target })
    }

    fn draft(&self, step: &Step, count: &PhotoCount, now: DateTime<Utc>) -> Draft {
        Draft {
            id: self.next_movement(),
            movement_type: match step.what {
                What::Counted => MovementType::Foto,
                What::Replaced { .. } => MovementType::Ajuste,
            },
            change: step.change,
            source: Source::Ia,
            reason: step.what.reason(),
            session: Some(count.session),
            user: count.user.clone(),
            effective_at: count.observed_at,
            created_at: now,
        }
    }
}

/// Stores the lines of a count, and the batches that they changed.
async fn save(tx: &Tx, batches: &[Batch], lines: &[Movement]) -> Result<(), StoreError> {
    for line in lines {
        movements::insert(tx, line).await?;
    }
    let changed = |batch: &&Batch| lines.iter().any(|line| line.batch == batch.origin().id);
    for batch in batches.iter().filter(changed) {
        batches::update(tx, batch).await?;
    }
    Ok(())
}

/// A newer photo was counted already: stock stays as it is.
async fn superseded(tx: &Tx, location: &LockedLocation) -> Result<Replacement, Error> {
    let batches = batches::lock_all(tx, location.id).await?;
    let quantity = standing(&batches);
    Ok(Replacement {
        batch: None,
        movements: Vec::new(),
        previous_quantity: quantity,
        current_quantity: quantity,
        superseded: true,
    })
}

/// Plants of some batches.
fn standing(batches: &[Batch]) -> Quantity {
    batches.iter().map(|batch| batch.holding().current).sum()
}

// === impl Bed ===

impl Bed {
    fn quantity(&self) -> Quantity {
        standing(&self.batches)
    }

    fn standing(&self, then: &HashMap<BatchId, i64>) -> Vec<Standing> {
        let standing = |batch: &Batch| Standing {
            batch: batch.origin().id,
            then: then.get(&batch.origin().id).copied().unwrap_or(0),
            now: batch.holding().current,
        };
        self.batches.iter().map(standing).collect()
    }

    fn apply(&mut self, id: BatchId, draft: Draft) -> Result<Movement, Error> {
        let batch = self
            .batches
            .iter_mut()
            .find(|batch| batch.origin().id == id)
            .ok_or(Error::Internal(StoreError::Corrupt("step of a count")))?;
        Ok(batch.apply(draft)?)
    }

    /// The batch with the counted plants, if any were counted.
    fn into_counted(self, counted: Quantity) -> Option<Batch> {
        let target = self.target.filter(|_| counted > Quantity::ZERO)?;
        self.batches
            .into_iter()
            .find(|batch| batch.origin().id == target)
    }
}
