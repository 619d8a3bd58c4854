//! Posts a count by hand: it replaces what stood of its product.

use chrono::{DateTime, NaiveDate, Utc};
use demeter_db::{Key, Once, once};

use super::Ledger;
use super::answer::Done;
use super::write::{Arrival, Says, Sown, Written};
use crate::beds::domain::bin::LockedLocation;
use crate::beds::domain::configuration::{Configuration, Line};
use crate::beds::store::configurations;
use crate::beds::usecase::lock_active;
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::{RequestKey, StoreError, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{BatchId, HandCountId, LocationId, PackagingId, ProductId, SizeId};
use crate::ledger::domain::count::{Difference, HandCount, HandCounted};
use crate::ledger::domain::fact::{Covers, FactId};
use crate::ledger::domain::quantity::Change;
use crate::ledger::store::hand_counts;

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
    /// When they were counted; now when `None`.
    pub effective_at: Option<DateTime<Utc>>,
}

/// A count by hand that arrives.
struct Told {
    count: HandCount,
    /// What a batch that it begins is told of its plants.
    sown: Sown,
    /// Asked after the bed was locked.
    now: DateTime<Utc>,
}

// === impl CountByHand ===

/// A request id counts once.
impl Key for CountByHand {
    type Answer = HandCounted;
    type Error = Error;

    async fn answered(&self, tx: &Tx) -> Result<Option<HandCounted>, Error> {
        let Some(done) = self.key.answered(tx).await? else {
            return Ok(None);
        };
        let effect = done.into_effect()?;
        let FactId::Hand(id) = effect.movement.fact else {
            return Err(StoreError::Corrupt("answer to a count by hand").into());
        };
        let difference = hand_counts::difference(tx, id).await?;
        let difference = difference.ok_or(StoreError::Corrupt("count by hand"))?;
        Ok(Some(HandCounted { effect, difference }))
    }

    async fn remember(&self, tx: &Tx, counted: &HandCounted) -> Result<(), Error> {
        let effect = counted.effect.clone();
        let done = Done::one(effect.movement.created_at, [effect]);
        self.key.remember(tx, &done).await
    }

    fn is_rehearsal(&self) -> bool {
        self.key.is_rehearsal()
    }
}

// === impl Ledger ===

impl Ledger {
    /// Posts a count by hand: it replaces what stood of its product in the location.
    /// What took effect later keeps its effect.
    pub async fn count_by_hand(
        &self,
        user: &str,
        command: &CountByHand,
    ) -> Result<Once<HandCounted>, Error> {
        once(self.connection(), command, |tx| async move {
            self.baseline(&tx, user, command).await
        })
        .await
    }

    async fn baseline(
        &self,
        tx: &Tx,
        user: &str,
        command: &CountByHand,
    ) -> Result<HandCounted, Error> {
        let location = lock_active(tx, command.location).await?;
        let now = self.now();
        let count = HandCount {
            id: HandCountId(command.key.id.0),
            location: location.id,
            kind: counted_kind(tx, &location, command).await?,
            plants: command.plants.plants(),
            covers: Covers::Product,
            effective: self.effective(command.effective_at, now)?,
            user: user.to_owned(),
        };
        let sown = Sown {
            planting_date: command.planting_date,
            notes: command.notes.clone(),
        };
        let told = Told { count, sown, now };
        let written = self.count(tx, location, &told).await?;
        let difference = written.difference;
        let counted = written
            .counted()
            .ok_or(StoreError::Corrupt("count by hand"))?;
        let effect = written.effect(counted.id)?;
        Ok(HandCounted { effect, difference })
    }

    /// Posts a count by hand of a bed that the caller has locked, in the caller's
    /// transaction. The caller sees to it that it is posted once.
    pub async fn post_hand_count(
        &self,
        tx: &Tx,
        location: &LockedLocation,
        count: &HandCount,
    ) -> Result<Difference, Error> {
        let told = Told {
            count: count.clone(),
            sown: Sown::default(),
            now: self.now(),
        };
        let written = self.count(tx, location.clone(), &told).await?;
        Ok(written.difference)
    }

    async fn count(
        &self,
        tx: &Tx,
        location: LockedLocation,
        told: &Told,
    ) -> Result<Written, Error> {
        let Told { count, sown, now } = told;
        let mut books = self.open_books(tx, location, count.effective.at).await?;
        let arrival = Arrival {
            fact: books.hand_count(count, BatchId(self.ids.next())),
            says: Says::Hand(count.id, sown.clone()),
            effective: count.effective,
            user: count.user.clone(),
            now: *now,
        };
        let written = self.write(tx, &mut books, arrival).await?;
        self.save(tx, &mut books).await?;
        hand_counts::insert(tx, count, written.difference, *now).await?;
        Ok(written)
    }
}

/// The configured kind, if the count fits it.
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
    Ok(kind)
}

/// What the configuration says of the product in its packaging.
fn fitting_kind(configuration: &Configuration, command: &CountByHand) -> Result<Kind, Refusal> {
    let CountByHand {
        product,
        packaging,
        size,
        ..
    } = command;
    let lines = &configuration.crop.lines;
    if let Some(line) = lines.fitting(*product, *packaging) {
        return Ok(Kind {
            product: *product,
            state: line.kind.state,
            size: size.or(line.kind.size),
            packaging: *packaging,
        });
    }
    let of_product = |line: &&Line| line.kind.product == *product;
    Err(match lines.all().iter().find(of_product) {
        None => Refusal::ProductMismatch {
            expected: lines.main().product.0,
            actual: product.0,
        },
        Some(line) => Refusal::PackagingMismatch {
            expected: line.kind.packaging.map_or(0, |packaging| packaging.0),
            actual: packaging.map_or(0, |packaging| packaging.0),
        },
    })
}
