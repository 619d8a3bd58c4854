//! The books of a bed, opened from an instant on for a fact that arrives.
//!
//! Whoever opens them has locked the bed, so that its facts arrive one after the
//! other, and asks the time after that. Facts are written into the books; what is
//! written reaches the database when they are saved.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::Ledger;
use crate::beds::domain::bin::LockedLocation;
use crate::beds::domain::configuration::configured_at;
use crate::beds::store::configurations;
use crate::catalog::domain::Kind;
use crate::database::{StoreError, Tx};
use crate::error::Error;
use crate::ids::{BatchId, MovementId};
use crate::ledger::domain::batch::Batch;
use crate::ledger::domain::count::{HandCount, PhotoCount};
use crate::ledger::domain::fact::{Count, Covers, Effective, Fact, FactId, TimeSource, What, home};
use crate::ledger::domain::movement::{Draft, Movement};
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::domain::settle::{Line, Stand, Told};
use crate::ledger::store::{batches, hand_counts, movements, photo_counts};

/// A locked bed, and what is known to have happened in it since an instant.
pub(super) struct Books {
    pub location: LockedLocation,
    pub batches: Vec<Batch>,
    /// As they happened.
    pub facts: Vec<Known>,
    /// In the order of recording.
    lines: Vec<Movement>,
    /// As many of the last lines are not saved yet.
    unsaved: usize,
}

/// A fact that the ledger tells.
pub(super) struct Known {
    pub id: FactId,
    pub told: Told,
    pub effective: Effective,
    /// Whether plants that go leave their pots empty, and plants that come fill some.
    pub trades_pots: bool,
}

// === impl Ledger ===

impl Ledger {
    /// Opens the books of a locked bed.
    pub(super) async fn open_books(
        &self,
        tx: &Tx,
        location: LockedLocation,
        from: DateTime<Utc>,
    ) -> Result<Books, Error> {
        let mut books = Books {
            batches: batches::all_of(tx, location.id).await?,
            lines: movements::since(tx, location.id, from).await?,
            facts: Vec::new(),
            unsaved: 0,
            location,
        };
        let mut facts: Vec<Known> = books.entered();
        facts.extend(self.photographed(tx, &books, from).await?);
        for count in hand_counts::since(tx, books.location.id, from).await? {
            let fact = books.hand_count(&count, BatchId(self.ids.next()));
            facts.push(books.known(FactId::Hand(count.id), fact, count.effective));
        }
        facts.sort_by_key(|known| known.told.fact.order());
        books.facts = facts;
        Ok(books)
    }

    /// Stores the lines that were written into books, and the batches that they
    /// changed.
    pub(super) async fn save(&self, tx: &Tx, books: &mut Books) -> Result<(), Error> {
        let saved = books.lines.len() - books.unsaved;
        let lines = &books.lines[saved..];
        movements::insert(tx, lines).await?;
        let changed: BTreeSet<BatchId> = lines.iter().map(|line| line.batch).collect();
        let batches = books.batches.iter();
        batches::update(
            tx,
            batches.filter(|batch| changed.contains(&batch.origin().id)),
        )
        .await?;
        books.unsaved = 0;
        Ok(())
    }

    /// The photos of a bed since an instant. One that an earlier version passed over
    /// in a bed that was never configured says nothing of what it saw.
    async fn photographed(
        &self,
        tx: &Tx,
        books: &Books,
        from: DateTime<Utc>,
    ) -> Result<Vec<Known>, Error> {
        let photos = photo_counts::since(tx, books.location.id, from).await?;
        if photos.is_empty() {
            return Ok(Vec::new());
        }
        let history = configurations::history(tx, books.location.id).await?;
        let known = photos.iter().filter_map(|photo| {
            let kind = configured_at(&history, photo.observed_at)?
                .crop
                .lines
                .main();
            let fact = books.photo_count(photo, kind, BatchId(self.ids.next()));
            Some(books.known(FactId::Photo(photo.session), fact, taken(photo)))
        });
        Ok(known.collect())
    }
}

/// When a photo was taken, as the ledger says it.
pub(super) const fn taken(photo: &PhotoCount) -> Effective {
    Effective {
        at: photo.observed_at,
        source: TimeSource::Photo,
    }
}

// === impl Books ===

impl Books {
    /// What a photo says: all that stands in the bed. In an empty bed it saw plants
    /// of `kind`, in their newest batch; in `fresh` when there is none.
    pub(super) fn photo_count(&self, photo: &PhotoCount, kind: Kind, fresh: BatchId) -> Fact {
        let batches: Vec<_> = self.batches.iter().map(of_kind).collect();
        let before = self.brought_by(FactId::Photo(photo.session));
        Fact {
            at: photo.observed_at,
            what: What::Count(Count {
                key: photo.session.0,
                plants: photo.quantity,
                covers: Covers::Bed,
                kind,
                home: home(kind, before, &batches).unwrap_or(fresh),
            }),
        }
    }

    /// What a count by hand says: all that stands of its product, or of that in its
    /// packaging. Where none of its
    /// kind stands, its plants are a batch of their own.
    pub(super) fn hand_count(&self, count: &HandCount, fresh: BatchId) -> Fact {
        let before: Vec<_> = self.brought_by(FactId::Hand(count.id)).collect();
        let own = self
            .batches
            .iter()
            .filter(|batch| before.contains(&batch.origin().id));
        let own: Vec<_> = own.map(of_kind).collect();
        Fact {
            at: count.effective.at,
            what: What::Count(Count {
                key: count.id.0,
                plants: count.plants,
                covers: count.covers,
                kind: count.kind,
                home: home(count.kind, before, &own).unwrap_or(fresh),
            }),
        }
    }

    /// The batches as they were just before a place among the facts: what they hold
    /// now without what is told of the facts from there on.
    pub(super) fn stands_before(&self, place: usize) -> Vec<Stand> {
        let mut since: BTreeMap<BatchId, i64> = BTreeMap::new();
        for known in &self.facts[place..] {
            for (batch, plants) in &known.told.lines {
                *since.entry(*batch).or_default() += plants;
            }
        }
        let stand = |batch: &Batch| {
            let (id, kind) = of_kind(batch);
            let since = since.get(&id).copied().unwrap_or(0);
            Stand {
                batch: id,
                kind,
                plants: batch.holding().current.get() - since,
            }
        };
        self.batches.iter().map(stand).collect()
    }

    /// The place of a fact that arrives among the others.
    pub(super) fn place(&self, fact: &Fact) -> usize {
        let order = fact.order();
        let earlier = |known: &Known| known.told.fact.order() <= order;
        self.facts.partition_point(earlier)
    }

    /// A fact at `place`, and what is told of those after it.
    pub(super) fn told_from(&self, place: usize, fact: &Fact) -> Vec<Told> {
        let later = self.facts[place..].iter().map(|known| known.told.clone());
        std::iter::once(Told::new(fact.clone()))
            .chain(later)
            .collect()
    }

    /// Adds a line of one of the facts, and applies it to its batch.
    pub(super) fn add(&mut self, line: &Line, draft: Draft) -> Result<Movement, Error> {
        let mut batches = self.batches.iter_mut();
        let batch = batches
            .find(|batch| batch.origin().id == line.batch)
            .ok_or(StoreError::Corrupt("batch of a line"))?;
        let movement = batch.apply(draft)?;
        let told = &mut self.facts[line.fact].told.lines;
        *told.entry(line.batch).or_default() += line.change.get();
        self.lines.push(movement.clone());
        self.unsaved += 1;
        Ok(movement)
    }

    /// Pots that become empty, or, below zero, are filled, with each of these lines: what
    /// a batch's lines do together stands in its last one, as a loss may be entered with
    /// what it turns out not to have taken.
    pub(super) fn pots(&self, lines: &[(MovementId, Line)]) -> HashMap<MovementId, i64> {
        let mut pots: BTreeMap<BatchId, (MovementId, i64)> = BTreeMap::new();
        for (id, line) in lines {
            if self.facts[line.fact].trades_pots {
                let (last, sum) = pots.entry(line.batch).or_insert((*id, 0));
                *last = *id;
                *sum -= line.change.get();
            }
        }
        pots.into_values().collect()
    }

    /// A batch of the bed.
    pub(super) fn batch(&self, id: BatchId) -> Option<&Batch> {
        self.batches.iter().find(|batch| batch.origin().id == id)
    }

    fn entered(&self) -> Vec<Known> {
        let entered = self.lines.iter().filter(|line| line.is_entered());
        entered
            .map(|line| {
                let what = What::Entry {
                    batch: line.batch,
                    change: line.change,
                };
                let at = line.effective.at;
                Known {
                    trades_pots: line.trades_pots,
                    ..self.known(line.fact, Fact { at, what }, line.effective)
                }
            })
            .collect()
    }

    fn known(&self, id: FactId, fact: Fact, effective: Effective) -> Known {
        let mut lines: BTreeMap<BatchId, i64> = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.fact == id) {
            *lines.entry(line.batch).or_default() += line.change.get();
        }
        Known {
            id,
            told: Told { fact, lines },
            effective,
            trades_pots: false,
        }
    }

    /// The batches that a count's lines brought plants to, first the one that got
    /// them first.
    fn brought_by(&self, id: FactId) -> impl Iterator<Item = BatchId> {
        let lines = self.lines.iter();
        let brought = lines.filter(move |line| line.fact == id && line.change.is_inbound());
        brought.map(|line| line.batch)
    }
}

/// Plants of some batches.
pub(super) fn standing(batches: &[Batch]) -> Quantity {
    batches.iter().map(|batch| batch.holding().current).sum()
}

/// Whether some batch holds another number of plants than before.
pub(super) fn differ(before: &[Batch], after: &[Batch]) -> bool {
    after.iter().any(|batch| {
        let mut known = before.iter();
        let same = known.find(|before| before.origin().id == batch.origin().id);
        let held = same.map_or(Quantity::ZERO, |before| before.holding().current);
        held != batch.holding().current
    })
}

// === impl Known ===

impl Known {
    pub(super) const fn is_count(&self) -> bool {
        self.told.fact.is_count()
    }
}

fn of_kind(batch: &Batch) -> (BatchId, Kind) {
    let origin = batch.origin();
    (origin.id, origin.kind)
}
