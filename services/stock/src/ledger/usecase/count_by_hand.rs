//! Sets the first baseline of a location from a count by hand.

use chrono::NaiveDate;
use demeter_db::retry;

use super::plant::{Planted, new_batch};
use super::{Ledger, answered};
use crate::beds::domain::{Configuration, LockedLocation};
use crate::beds::usecase::{bin_of, lock_active};
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::{RequestKey, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{LocationId, MovementId, PackagingId, ProductId, SizeId};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::{Draft, MovementType, Source};

/// What was counted where.
#[derive(Clone, Debug)]
pub struct CountByHand {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// Where.
    pub location: LocationId,
    /// What.
    pub product: ProductId,
    /// What it is packed in, when packed.
    pub packaging: Option<PackagingId>,
    /// How big it is; as configured when not stated.
    pub size: Option<SizeId>,
    /// Plants; above 0.
    pub quantity: i64,
    /// When known.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
}

// === impl Ledger ===

impl Ledger {
    /// Sets the first baseline of a location.
    pub async fn count_by_hand(&self, user: &str, command: &CountByHand) -> Result<Effect, Error> {
        retry(|| self.try_count_by_hand(user, command)).await
    }

    async fn try_count_by_hand(&self, user: &str, command: &CountByHand) -> Result<Effect, Error> {
        let tx = self.store.begin().await?;
        if let Some(effect) = answered(&tx, &command.key).await? {
            return Ok(effect);
        }
        let now = self.now();
        let location = lock_active(&tx, command.location).await?;
        let kind = counted_kind(&tx, &location, command).await?;
        let planted = Planted {
            kind,
            bin: bin_of(&tx, &location, now).await?,
            quantity: command.quantity,
            planting_date: command.planting_date,
            notes: command.notes.clone(),
        };
        let mut batch = new_batch(&tx, &self.ids, location.id, planted, now).await?;
        let movement = batch.apply(Draft {
            id: MovementId(self.ids.next()),
            movement_type: MovementType::ManualInit,
            quantity: command.quantity,
            source: Source::Manual,
            reason: "first count by hand".to_owned(),
            session: None,
            user: user.to_owned(),
            effective_at: now,
            created_at: now,
        })?;
        tx.insert_movement(&movement).await?;
        tx.update_batch(&batch).await?;
        let effect = Effect { batch, movement };
        tx.insert_request(&command.key, &effect, now).await?;
        tx.commit().await?;
        Ok(effect)
    }
}

/// The configured kind, if the count fits it and the location is still empty.
async fn counted_kind(
    tx: &Tx,
    location: &LockedLocation,
    command: &CountByHand,
) -> Result<Kind, Error> {
    let Some(configuration) = tx.find_configuration(location.id).await? else {
        return Err(Refusal::NoConfiguration(location.code.clone()).into());
    };
    let kind = fitting_kind(&configuration, command)?;
    check_kind(tx, kind).await?;
    let stands = tx
        .lock_batches(location.id)
        .await?
        .iter()
        .any(|batch| batch.quantity_current > 0);
    if stands {
        return Err(Refusal::BaselineExists(location.code.clone()).into());
    }
    Ok(kind)
}

fn fitting_kind(configuration: &Configuration, command: &CountByHand) -> Result<Kind, Refusal> {
    let expected = configuration.kind;
    if expected.product != command.product {
        return Err(Refusal::ProductMismatch {
            expected: expected.product.0,
            actual: command.product.0,
        });
    }
    if let Some(packaging) = expected.packaging
        && command.packaging != Some(packaging)
    {
        let actual = command.packaging.map_or(0, |packaging| packaging.0);
        return Err(Refusal::PackagingMismatch {
            expected: packaging.0,
            actual,
        });
    }
    Ok(Kind {
        product: command.product,
        state: expected.state,
        size: command.size.or(expected.size),
        packaging: command.packaging,
    })
}
