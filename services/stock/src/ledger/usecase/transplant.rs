//! Moves plants to another bed, or on to another state, size or packaging.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demeter_db::{Once, once};

use super::Ledger;
use super::answer::Done;
use super::enter::{Meant, Occasion, lock_beds};
use super::target::{BedKind, Target};
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::{RequestKey, Tx};
use crate::error::Error;
use crate::ids::{LocationId, PackagingId, SizeId, StateId, TransferId};
use crate::invalid::Invalid;
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::Entry;
use crate::ledger::domain::quantity::Change;
use crate::ledger::store::batches;

/// What moves where, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Transplant {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// Where the plants stand.
    pub source: Target,
    /// Where they come.
    pub destination: LocationId,
    /// What becomes of them.
    pub becomes: Becomes,
    /// The plants.
    pub plants: Change,
    /// Free text.
    pub reason: String,
    /// When they moved; now when `None`.
    pub effective_at: Option<DateTime<Utc>>,
}

/// What becomes of plants on the way; what is not said stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Becomes {
    /// How far they are then.
    pub state: Option<StateId>,
    /// How big they are then.
    pub size: Option<SizeId>,
    /// What they are packed in then.
    pub packaging: Option<PackagingId>,
}

/// What a transplant did: what left, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transplanted {
    /// A line for each batch that gave plants.
    pub sources: Vec<Effect>,
    /// A line for each batch that got them.
    pub destinations: Vec<Effect>,
}

// === impl Ledger ===

impl Ledger {
    /// Moves plants: what leaves and what comes is written in one transaction, under
    /// one transfer id, and adds up to nothing.
    pub async fn transplant(
        &self,
        user: &str,
        command: &Transplant,
    ) -> Result<Once<Transplanted>, Error> {
        let done = once(self.connection(), &command.key, |tx| async move {
            self.move_plants(&tx, user, command).await
        })
        .await?;
        Ok(done.map(|done| Transplanted::of(done.into_effects())))
    }

    async fn move_plants(&self, tx: &Tx, user: &str, command: &Transplant) -> Result<Done, Error> {
        let (from, to) = (bed_of(tx, &command.source).await?, command.destination);
        let mut locked = lock_beds(tx, [from, to].into()).await?;
        let mut open = |id| {
            let found = locked.remove(&id);
            found.ok_or_else(|| Error::not_found("storage location", id))
        };
        let now = self.now();
        let occasion = Occasion {
            tx,
            user,
            effective: self.effective(command.effective_at, now)?,
            now,
        };
        let at = occasion.effective.at;
        command.changes_something(from)?;
        let transfer = TransferId(self.ids.next());
        let half = |change| Entry::half(transfer, change, &command.reason);

        let mut books = self.open_books(tx, open(from)?, at).await?;
        let leaving = half(command.plants.reversed());
        let meant = Meant {
            target: &command.source,
            entry: &leaving,
        };
        let mut effects = self.enter(&mut books, meant, occasion).await?;
        let coming = command.coming(from, &effects)?;
        if from != to {
            self.save(tx, &mut books).await?;
            books = self.open_books(tx, open(to)?, at).await?;
        }
        for (kind, change) in coming {
            check_kind(tx, kind).await?;
            let entry = half(change);
            let home = self.home(&mut books, kind, &entry, occasion).await?;
            effects.push(self.enter_one(&mut books, home, entry, occasion).await?);
        }
        self.save(tx, &mut books).await?;
        Ok(Done::one(now, effects))
    }
}

// === impl Transplant ===

impl Transplant {
    fn changes_something(&self, from: LocationId) -> Result<(), Invalid> {
        if from == self.destination && self.becomes == Becomes::default() {
            let problem = "is where they stand: name another location, or another state, \
                           size or packaging that they get";
            return Err(Invalid::new("destination_storage_location_id", problem));
        }
        Ok(())
    }

    /// How many plants come of each kind.
    fn coming(&self, from: LocationId, left: &[Effect]) -> Result<Vec<(Kind, Change)>, Invalid> {
        let mut coming: BTreeMap<Kind, i64> = BTreeMap::new();
        for effect in left {
            let was = effect.batch.origin().kind;
            let kind = self.becomes.of(was);
            if from == self.destination && kind == was {
                let problem = "are what some of these plants are already: name the state, size \
                               or packaging of those that change";
                return Err(Invalid::new("destination_product_state_id", problem));
            }
            *coming.entry(kind).or_default() -= effect.movement.change.get();
        }
        let some = |(kind, plants)| Some((kind, Change::coming(plants)?));
        Ok(coming.into_iter().filter_map(some).collect())
    }
}

/// The bed of what gives plants.
async fn bed_of(tx: &Tx, source: &Target) -> Result<LocationId, Error> {
    match source {
        Target::Batch(id) => {
            let batch = Error::found(batches::find(tx, *id).await, "batch", id)?;
            Ok(batch.origin().location)
        }
        Target::Bed(BedKind { location, .. }) => Ok(*location),
    }
}

// === impl Becomes ===

impl Becomes {
    /// What plants of a kind become.
    fn of(self, kind: Kind) -> Kind {
        Kind {
            product: kind.product,
            state: self.state.unwrap_or(kind.state),
            size: self.size.or(kind.size),
            packaging: self.packaging.or(kind.packaging),
        }
    }
}

// === impl Transplanted ===

impl Transplanted {
    fn of(effects: Vec<Effect>) -> Self {
        let (destinations, sources) = effects
            .into_iter()
            .partition(|effect| effect.movement.change.is_inbound());
        Self {
            sources,
            destinations,
        }
    }
}
