//! How entries get into the books of their beds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::Ledger;
use super::books::Books;
use super::plant::Planted;
use super::target::{BedKind, Target};
use super::write::{Arrival, Says};
use crate::beds::domain::bin::LockedLocation;
use crate::beds::usecase::{bin_of, lock};
use crate::catalog::domain::Kind;
use crate::catalog::store::{kinds, prices};
use crate::catalog::usecase::check_kind;
use crate::database::{StoreError, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{BatchId, LocationId};
use crate::ledger::domain::batch::{Batch, Effect, NotEnoughPlants};
use crate::ledger::domain::fact::{Effective, Fact, FactId, What};
use crate::ledger::domain::fifo::{Available, oldest_first};
use crate::ledger::domain::movement::{Entry, MovementType};
use crate::ledger::domain::quantity::Change;

/// An entry, where it belongs and when it took effect.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The bed of the target.
    pub location: LocationId,
    pub target: Target,
    pub entry: Entry,
    pub when: When,
}

/// An item whose instant is known.
type Timed<'a> = Result<(Item, Occasion<'a>), Error>;

/// When an entry took effect.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// As its client says; now when it does not.
    Stated(Option<DateTime<Utc>>),
    /// When something else did.
    As(Effective),
}

/// Who enters something, in which transaction, and when.
#[derive(Clone, Copy)]
pub(super) struct Occasion<'a> {
    pub tx: &'a Tx,
    pub user: &'a str,
    pub effective: Effective,
    /// Asked after the beds were locked.
    pub now: DateTime<Utc>,
}

/// What is entered.
#[derive(Clone, Copy)]
pub(super) struct Meant<'a> {
    pub target: &'a Target,
    pub entry: &'a Entry,
}

/// Locked beds, by key.
pub(super) type Locked = BTreeMap<LocationId, LockedLocation>;

// === impl Ledger ===

impl Ledger {
    /// Enters items in the books of their beds, in their order; an item that is refused
    /// changes nothing and is no reason not to enter the others. Fails when the database
    /// does.
    pub(super) async fn enter_all(
        &self,
        tx: &Tx,
        user: &str,
        items: Vec<Result<Item, Error>>,
    ) -> Result<Vec<Result<Vec<Effect>, Error>>, Error> {
        let named = items.iter().flatten().map(|item| item.location);
        let locked = lock_beds(tx, named.collect()).await?;
        let now = self.now();
        let timed: Vec<Timed> = items
            .into_iter()
            .map(|item| {
                let item = item?;
                let effective = match item.when {
                    When::Stated(at) => self.effective(at, now)?,
                    When::As(effective) => effective,
                };
                let occasion = Occasion {
                    tx,
                    user,
                    effective,
                    now,
                };
                Ok((item, occasion))
            })
            .collect();
        let mut open = self.open_all(tx, locked, &timed).await?;
        let mut entered = Vec::with_capacity(timed.len());
        for item in timed {
            entered.push(match self.enter_timed(&mut open, item).await {
                Err(failed) if !failed.is_refusal() => return Err(failed),
                effects => effects,
            });
        }
        for books in open.values_mut() {
            self.save(tx, books).await?;
        }
        Ok(entered)
    }

    /// Opens the books of locked beds, each from the first instant on that an item of
    /// it names.
    async fn open_all(
        &self,
        tx: &Tx,
        locked: Locked,
        items: &[Timed<'_>],
    ) -> Result<BTreeMap<LocationId, Books>, Error> {
        let mut first: BTreeMap<LocationId, DateTime<Utc>> = BTreeMap::new();
        for (item, occasion) in items.iter().flatten() {
            let at = occasion.effective.at;
            let first = first.entry(item.location).or_insert(at);
            *first = at.min(*first);
        }
        let mut open = BTreeMap::new();
        for (id, location) in locked {
            if let Some(from) = first.get(&id) {
                open.insert(id, self.open_books(tx, location, *from).await?);
            }
        }
        Ok(open)
    }

    async fn enter_timed(
        &self,
        open: &mut BTreeMap<LocationId, Books>,
        item: Timed<'_>,
    ) -> Result<Vec<Effect>, Error> {
        let (item, occasion) = item?;
        let Item {
            location,
            target,
            entry,
            when: _,
        } = &item;
        let books = open
            .get_mut(location)
            .ok_or_else(|| Error::not_found("storage location", location))?;
        self.enter(books, Meant { target, entry }, occasion).await
    }

    /// Enters an entry in the books of its bed: a line for each batch that gives or
    /// gets plants.
    pub(super) async fn enter(
        &self,
        books: &mut Books,
        meant: Meant<'_>,
        occasion: Occasion<'_>,
    ) -> Result<Vec<Effect>, Error> {
        let parts = self.parts(books, meant, occasion).await?;
        let mut effects = Vec::with_capacity(parts.len());
        for (batch, entry) in parts {
            let entry = on_terms(occasion.tx, found(books, batch)?, entry).await?;
            effects.push(self.enter_one(books, batch, entry, occasion).await?);
        }
        Ok(effects)
    }

    /// Which batches give or get the plants of an entry. Of now, a batch does not give
    /// more than it has; what is told later takes what stood there.
    async fn parts(
        &self,
        books: &mut Books,
        Meant { target, entry }: Meant<'_>,
        occasion: Occasion<'_>,
    ) -> Result<Vec<(BatchId, Entry)>, Error> {
        let batch = match target {
            Target::Batch(id) => *id,
            Target::Bed(bed) if entry.change().is_inbound() => {
                self.home(books, bed.kind()?, entry, occasion).await?
            }
            Target::Bed(bed) => return taken(books, bed, entry, occasion).await,
        };
        fits(found(books, batch)?, entry, occasion)?;
        Ok(vec![(batch, entry.clone())])
    }

    /// The batch that plants of a kind come to: the newest of that kind in the bin that
    /// is in use, a new one where there is none. Plants that fill empty pots come to one
    /// that has enough of them.
    pub(super) async fn home(
        &self,
        books: &mut Books,
        kind: Kind,
        entry: &Entry,
        Occasion {
            tx, effective, now, ..
        }: Occasion<'_>,
    ) -> Result<BatchId, Error> {
        if !books.location.active {
            return Err(Refusal::LocationInactive(books.location.code.clone()).into());
        }
        let bin = bin_of(tx, &books.location, now).await?;
        let of_kind = books.batches.iter().rev().filter(|batch| {
            let origin = batch.origin();
            origin.kind == kind && origin.bin == bin
        });
        let newest = of_kind.max_by_key(|batch| {
            let has_pots = batch.holding().empty_containers >= entry.change().plants();
            (entry.trades_pots() && has_pots, batch.origin().id)
        });
        if let Some(batch) = newest {
            return Ok(batch.origin().id);
        }
        if entry.trades_pots() {
            let wanted = entry.change().plants().get();
            return Err(Refusal::NotEnoughPots { have: 0, wanted }.into());
        }
        check_kind(tx, kind).await?;
        let planted = Planted {
            id: BatchId(self.ids.next()),
            kind,
            quantity: entry.change().plants(),
            planting_date: Some(effective.at.date_naive()),
            notes: String::new(),
        };
        let batch = self.new_batch(tx, &books.location, planted, now).await?;
        let id = batch.origin().id;
        books.batches.push(batch);
        Ok(id)
    }

    /// Enters an entry of one batch.
    pub(super) async fn enter_one(
        &self,
        books: &mut Books,
        batch: BatchId,
        entry: Entry,
        Occasion {
            tx,
            user,
            effective,
            now,
        }: Occasion<'_>,
    ) -> Result<Effect, Error> {
        let what = What::Entry {
            batch,
            change: entry.change(),
        };
        let arrival = Arrival {
            fact: Fact {
                at: effective.at,
                what,
            },
            says: Says::Entry(entry),
            effective,
            user: user.to_owned(),
            now,
        };
        let written = self.write(tx, books, arrival).await?;
        let FactId::Entry(id) = written.id else {
            return Err(StoreError::Corrupt("entered movement").into());
        };
        Ok(written.effect(id)?)
    }
}

// === impl Occasion ===

impl Occasion<'_> {
    /// Whether it is told when it happens.
    fn is_now(&self) -> bool {
        self.effective.at >= self.now
    }
}

/// Locks beds, always in the same order, so that two requests cannot wait for each
/// other. Those that there are not are left out.
pub(super) async fn lock_beds(tx: &Tx, beds: BTreeSet<LocationId>) -> Result<Locked, Error> {
    let mut locked = Locked::new();
    for id in beds {
        match lock(tx, id).await {
            Ok(location) => {
                locked.insert(id, location);
            }
            Err(Error::NotFound { .. }) => {}
            Err(failed) => return Err(failed),
        }
    }
    Ok(locked)
}

fn found(books: &Books, id: BatchId) -> Result<&Batch, Error> {
    books
        .batch(id)
        .ok_or_else(|| Error::not_found("batch in this location", id))
}

/// Refuses what a batch cannot give now: plants, and pots to be filled.
fn fits(batch: &Batch, entry: &Entry, occasion: Occasion<'_>) -> Result<(), Error> {
    if !occasion.is_now() {
        return Ok(());
    }
    let change = entry.change();
    batch.balance_after(change)?;
    let have = batch.holding().empty_containers;
    let wanted = change.plants();
    if entry.trades_pots() && change.is_inbound() && have < wanted {
        let (have, wanted) = (have.get(), wanted.get());
        return Err(Refusal::NotEnoughPots { have, wanted }.into());
    }
    Ok(())
}

/// What the batches of a kind give, the longest planted first. What is told later and
/// did not stand there is missing from the first of them.
async fn taken(
    books: &Books,
    bed: &BedKind,
    entry: &Entry,
    occasion: Occasion<'_>,
) -> Result<Vec<(BatchId, Entry)>, Error> {
    let sellable = if entry.movement_type() == MovementType::Ventas {
        Some(kinds::sellable(occasion.tx).await?)
    } else {
        None
    };
    let may_give = |kind: Kind| {
        let is_sold = sellable
            .as_ref()
            .is_none_or(|states| states.contains(&kind.state));
        is_sold && bed.covers(kind)
    };
    let wanted = entry.change().plants().get();
    let standing = standing_at(books, entry.change(), occasion);
    let available: Vec<_> = standing
        .into_iter()
        .filter(|(batch, _)| may_give(batch.origin().kind))
        .map(|(batch, plants)| Available {
            batch: batch.origin().id,
            planted: batch.origin().planting_date,
            plants,
        })
        .collect();
    let first = available.first().map(|one| one.batch);
    let have: i64 = available.iter().map(|one| one.plants.max(0)).sum();
    let (mut given, missing) = oldest_first(available, wanted);
    if missing > 0 {
        let Some(first) = first.filter(|_| !occasion.is_now()) else {
            return Err(Refusal::NotEnoughInBed(have, wanted).into());
        };
        match given.first_mut() {
            Some((_, plants)) => *plants += missing,
            None => given.push((first, missing)),
        }
    }
    let part = |(batch, plants): (BatchId, i64)| {
        let change = Change::coming(plants)?.reversed();
        Some((batch, entry.part(change)))
    };
    Ok(given.into_iter().filter_map(part).collect())
}

/// The batches of a bed, and their plants at the instant of something that changes them.
fn standing_at<'a>(
    books: &'a Books,
    change: Change,
    occasion: Occasion<'_>,
) -> Vec<(&'a Batch, i64)> {
    let batch = BatchId(uuid::Uuid::nil());
    let fact = Fact {
        at: occasion.effective.at,
        what: What::Entry { batch, change },
    };
    let stands = books.stands_before(books.place(&fact));
    books
        .batches
        .iter()
        .zip(stands)
        .map(|(batch, stand)| (batch, stand.plants))
        .collect()
}

/// A sale on its terms: of a state that is sold, and at the price of the list where
/// none was said and the list has just one for such plants.
async fn on_terms(tx: &Tx, batch: &Batch, entry: Entry) -> Result<Entry, Error> {
    let is_sale = entry.movement_type() == MovementType::Ventas && !entry.change().is_inbound();
    if !is_sale {
        return Ok(entry);
    }
    let kind = batch.origin().kind;
    if !kinds::sellable(tx).await?.contains(&kind.state) {
        return Err(Refusal::NotSellable(batch.origin().code.clone()).into());
    }
    if entry.is_priced() {
        return Ok(entry);
    }
    match prices::only_one(tx, kind).await? {
        Some(unit) => Ok(entry.priced(unit)?),
        None => Ok(entry),
    }
}

impl From<NotEnoughPlants> for Error {
    fn from(refused: NotEnoughPlants) -> Self {
        let NotEnoughPlants { have, wanted } = refused;
        Refusal::NotEnoughPlants {
            have: have.get(),
            wanted: wanted.get(),
        }
        .into()
    }
}
