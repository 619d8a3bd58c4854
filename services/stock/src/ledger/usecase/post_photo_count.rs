//! Replaces the baseline of a location by a photo's count.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use demeter_db::retry;

use super::Ledger;
use super::plant::{Planted, new_batch};
use crate::beds::domain::LockedLocation;
use crate::beds::usecase::bin_of;
use crate::database::{StoreError, Tx};
use crate::error::{Error, Exists, Refusal};
use crate::ids::{BatchId, MovementId};
use crate::ledger::domain::batch::Batch;
use crate::ledger::domain::count::{PhotoCount, Replacement, Standing, Step, What, replace};
use crate::ledger::domain::movement::{Draft, Movement, MovementType, Source};

/// The batches of a location while its count is applied.
struct Bed {
    batches: Vec<Batch>,
    /// The batch of the configured kind; `None` while there is none and none is needed.
    target: Option<BatchId>,
}

// === impl Ledger ===

impl Ledger {
    /// Posts a count once, however often it is called: everything that stood in
    /// the location when the photo was taken is replaced by the counted plants.
    /// A photo older than the location's last count changes nothing.
    pub async fn post_photo_count(&self, count: &PhotoCount) -> Result<Replacement, Error> {
        retry(|| self.try_post_photo_count(count)).await
    }

    async fn try_post_photo_count(&self, count: &PhotoCount) -> Result<Replacement, Error> {
        let tx = self.store.begin().await?;
        if let Some((posted, replacement, posted_at)) = tx.find_photo_count(count.session).await? {
            let same = posted.location == count.location
                && posted.quantity == count.quantity
                && posted.observed_at == count.observed_at.min(posted_at);
            return if same {
                Ok(replacement)
            } else {
                Err(Exists::SessionAlreadyPosted.into())
            };
        }
        let Some(location) = tx.lock_location(count.location).await? else {
            return Err(Error::not_found("storage location", count.location));
        };
        let now = self.now();
        // A phone's clock may be ahead; a count is never newer than its posting.
        let observed_at = count.observed_at.min(now);
        let count = &PhotoCount {
            observed_at,
            ..count.clone()
        };
        let replacement = if tx
            .has_photo_count_after(location.id, count.observed_at)
            .await?
        {
            superseded(&tx, &location).await?
        } else {
            self.replace_baseline(&tx, &location, count, now).await?
        };
        tx.insert_photo_count(count, &replacement, now).await?;
        tx.commit().await?;
        Ok(replacement)
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
        let then = tx.quantities_as_of(location.id, count.observed_at).await?;
        // Without a batch of the configured kind nothing was counted, and a
        // target that does not stand there receives nothing.
        let target = bed.target.unwrap_or(BatchId(count.session.0));
        let steps = replace(&bed.standing(&then), target, count.quantity);
        let mut movements = Vec::with_capacity(steps.len());
        for step in &steps {
            let draft = self.draft(step, count, now);
            movements.push(bed.apply(step.batch, draft)?);
        }
        for movement in &movements {
            tx.insert_movement(movement).await?;
        }
        for batch in &bed.batches {
            if movements.iter().any(|movement| movement.batch == batch.id) {
                tx.update_batch(batch).await?;
            }
        }
        let current_quantity = bed.quantity();
        Ok(Replacement {
            batch: bed.into_counted(count.quantity),
            movements,
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
        let Some(configuration) = tx.find_configuration(location.id).await? else {
            return Err(Refusal::NoConfiguration(location.code.clone()).into());
        };
        let kind = configuration.kind;
        let mut batches = tx.lock_batches(location.id).await?;
        let newest_bin = tx.newest_active_bin(location.id).await?;
        let matching = |batch: &&Batch| Some(batch.bin) == newest_bin && batch.kind == kind;
        let mut target = batches.iter().rev().find(matching).map(|batch| batch.id);
        if target.is_none() && count.quantity > 0 {
            let planted = Planted {
                kind,
                bin: bin_of(tx, location, now).await?,
                quantity: count.quantity,
                planting_date: None,
                notes: String::new(),
            };
            let batch = new_batch(tx, &self.ids, location.id, planted, now).await?;
            target = Some(batch.id);
            batches.push(batch);
        }
        Ok(Bed { batches, target })
    }

    fn draft(&self, step: &Step, count: &PhotoCount, now: DateTime<Utc>) -> Draft {
        Draft {
            id: MovementId(self.ids.next()),
            movement_type: match step.what {
                What::Counted => MovementType::Foto,
                What::Replaced { .. } => MovementType::Ajuste,
            },
            quantity: step.quantity,
            source: Source::Ia,
            reason: step.what.reason(),
            session: Some(count.session),
            user: count.user.clone(),
            effective_at: count.observed_at,
            created_at: now,
        }
    }
}

/// A newer photo was counted already: stock stays as it is.
async fn superseded(tx: &Tx, location: &LockedLocation) -> Result<Replacement, Error> {
    let batches = tx.lock_batches(location.id).await?;
    let quantity = batches.iter().map(|batch| batch.quantity_current).sum();
    Ok(Replacement {
        batch: None,
        movements: Vec::new(),
        previous_quantity: quantity,
        current_quantity: quantity,
        superseded: true,
    })
}

// === impl Bed ===

impl Bed {
    fn quantity(&self) -> i64 {
        self.batches
            .iter()
            .map(|batch| batch.quantity_current)
            .sum()
    }

    fn standing(&self, then: &HashMap<BatchId, i64>) -> Vec<Standing> {
        let standing = |batch: &Batch| Standing {
            batch: batch.id,
            then: then.get(&batch.id).copied().unwrap_or(0),
            now: batch.quantity_current,
        };
        self.batches.iter().map(standing).collect()
    }

    fn apply(&mut self, id: BatchId, draft: Draft) -> Result<Movement, Error> {
        let batch = self.batches.iter_mut().find(|batch| batch.id == id);
        let batch = batch.ok_or(Error::Internal(StoreError::Corrupt("step of a count")))?;
        Ok(batch.apply(draft)?)
    }

    /// The batch with the counted plants, if any were counted.
    fn into_counted(self, counted: i64) -> Option<Batch> {
        let target = self.target.filter(|_| counted > 0)?;
        self.batches.into_iter().find(|batch| batch.id == target)
    }
}
