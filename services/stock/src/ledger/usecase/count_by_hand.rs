//! Sets the first baseline of a location from a count by hand.

use chrono::NaiveDate;
use demeter_db::once;

use super::Ledger;
use super::enter::enter;
use super::plant::Planted;
use crate::beds::domain::{Configuration, LockedLocation};
use crate::beds::store::configurations;
use crate::beds::usecase::lock_active;
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::{RequestKey, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{LocationId, PackagingId, ProductId, SizeId};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::Entry;
use crate::ledger::domain::quantity::{Change, Quantity};
use crate::ledger::store::batches;

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
    /// The plants that were counted.
    pub plants: Change,
    /// When known.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
}

// === impl Ledger ===

impl Ledger {
    /// Sets the first baseline of a location.
    pub async fn count_by_hand(&self, user: &str, command: &CountByHand) -> Result<Effect, Error> {
        once(self.connection(), &command.key, |tx| async move {
            self.baseline(&tx, user, command).await
        })
        .await
    }

    async fn baseline(&self, tx: &Tx, user: &str, command: &CountByHand) -> Result<Effect, Error> {
        let location = lock_active(tx, command.location).await?;
        let now = self.now();
        let planted = Planted {
            kind: counted_kind(tx, &location, command).await?,
            quantity: command.plants.plants(),
            planting_date: command.planting_date,
            notes: command.notes.clone(),
        };
        let batch = self.new_batch(tx, &location, planted, now).await?;
        let entry = Entry::first_count(command.plants);
        enter(tx, batch, entry.draft(self.next_movement(), user, now)).await
    }
}

/// The configured kind, if the count fits it and the location is still empty.
async fn counted_kind(
    tx: &Tx,
    location: &LockedLocation,
    command: &CountByHand,
) -> Result<Kind, Error> {
    let Some(configuration) = configurations::find(tx, location.id).await? else {
        return Err(Refusal::NoConfiguration(location.code.clone()).into());
    };
    let kind = fitting_kind(&configuration, command)?;
    check_kind(tx, kind).await?;
    let stands = batches::lock_all(tx, location.id)
        .await?
        .iter()
        .any(|batch| batch.holding().current > Quantity::ZERO);
    if stands {
        return Err(Refusal::BaselineExists(location.code.clone()).into());
    }
    Ok(kind)
}

fn fitting_kind(configuration: &Configuration, command: &CountByHand) -> Result<Kind, Refusal> {
    let expected = configuration.crop.kind;
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
