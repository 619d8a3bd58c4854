//! What the ledger has to say once a fact is known, whenever it arrives.
//!
//! The facts of a bed, sorted by when they happened, say what each of them did to
//! each batch. What differs from what the ledger tells so far is appended: the lines
//! of the new fact, and at later facts what these now mean.

use std::collections::{BTreeMap, BTreeSet};

use super::fact::{Count, Covers, Fact, What};
use super::quantity::Change;
use super::share::split;
use crate::catalog::domain::Kind;
use crate::ids::BatchId;

/// A batch just before the first of the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The batch.
    pub batch: BatchId,
    /// What its plants are.
    pub kind: Kind,
    /// Its plants. Below zero only where a ledger of an earlier version says so.
    pub plants: i64,
}

/// A fact, and what the ledger tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub fact: Fact,
    /// Plants that its lines brought to batches, or, below zero, took. Empty for
    /// the new fact.
    pub lines: BTreeMap<BatchId, i64>,
}

/// A line to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The fact whose effect it states, by its place among the facts.
    pub fact: usize,
    /// The batch that changes. A count may name one that does not exist yet.
    pub batch: BatchId,
    /// What the batch's plants are.
    pub kind: Kind,
    /// Plants that come or go.
    pub change: Change,
    /// Why it is there.
    pub role: Role,
}

/// Why a line is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The movement as it was entered.
    Entered,
    /// Counted plants.
    Counted {
        /// Whether they are a share, in proportion to what stood there.
        allocated: bool,
    },
    /// What stood there until the count.
    Replaced,
    /// What a count turns out to have known already.
    Known,
    /// What an entered loss turns out to have taken, or not.
    Limited {
        /// Plants of the loss that did not stand there.
        missing: i64,
    },
}

/// What a fact does.
struct Effect {
    moves: BTreeMap<BatchId, Move>,
    /// Counted plants are shares.
    allocated: bool,
    /// Plants that a loss did not find.
    missing: i64,
}

/// What a fact does to one batch.
#[derive(Clone, Copy, Default)]
struct Move {
    comes: i64,
    goes: i64,
}

/// A batch on the way through the facts.
struct Spot {
    kind: Kind,
    /// Its plants, as the facts say.
    plants: i64,
    /// Its plants, as the ledger tells so far.
    told: i64,
}

/// The batches of a bed on the way through the facts.
struct Bed(BTreeMap<BatchId, Spot>);

/// The lines that make the ledger tell `facts`, which are in order; the one at
/// `new` has no lines yet.
///
/// Facts after the first later count that leaves the bed as the ledger tells it
/// are not looked at: nothing changes for them.
pub fn settle(stands: &[Stand], facts: &[Told], new: usize) -> Vec<Line> {
    let mut bed = Bed::of(stands);
    let mut lines = Vec::new();
    for (number, told) in facts.iter().enumerate() {
        let effect = bed.apply(&told.fact);
        let mut said = told.lines.clone();
        if number == new {
            for line in bed.own(number, &told.fact, &effect) {
                *said.entry(line.batch).or_default() += line.change.get();
                lines.push(line);
            }
        }
        lines.extend(bed.corrections(number, &told.fact, &effect, &said));
        bed.tell(&told.lines);
        if number > new && told.fact.is_count() && bed.is_as_told() {
            break;
        }
    }
    lines
}

// === impl Told ===

impl Told {
    /// A fact that the ledger tells nothing of yet.
    pub const fn new(fact: Fact) -> Self {
        Self {
            fact,
            lines: BTreeMap::new(),
        }
    }
}

// === impl Bed ===

impl Bed {
    fn of(stands: &[Stand]) -> Self {
        let spot = |stand: &Stand| Spot {
            kind: stand.kind,
            plants: stand.plants,
            told: stand.plants,
        };
        let spots = stands.iter().map(|stand| (stand.batch, spot(stand)));
        Self(spots.collect())
    }

    fn apply(&mut self, fact: &Fact) -> Effect {
        match &fact.what {
            What::Entry { batch, change } if change.is_inbound() => self.come(*batch, *change),
            What::Entry { batch, change } => self.go(*batch, *change),
            What::Count(count) => self.count(count),
        }
    }

    fn come(&mut self, batch: BatchId, change: Change) -> Effect {
        if let Some(spot) = self.0.get_mut(&batch) {
            spot.plants += change.get();
        }
        let comes = Move {
            comes: change.get(),
            goes: 0,
        };
        Effect::of(BTreeMap::from([(batch, comes)]))
    }

    /// Takes plants from a batch, then from the others of its kind: a count may
    /// have moved them between the two. What does not stand there is missing.
    fn go(&mut self, batch: BatchId, change: Change) -> Effect {
        let mut wanted = change.plants().get();
        let mut moves = BTreeMap::new();
        for one in self.of_same_kind(batch) {
            let Some(spot) = self.0.get_mut(&one) else {
                continue;
            };
            let goes = wanted.min(spot.plants.max(0));
            spot.plants -= goes;
            wanted -= goes;
            moves.insert(one, Move { comes: 0, goes });
        }
        Effect {
            missing: wanted,
            ..Effect::of(moves)
        }
    }

    /// A batch, and after it the others of its kind.
    fn of_same_kind(&self, batch: BatchId) -> Vec<BatchId> {
        let kind = self.0.get(&batch).map(|spot| spot.kind);
        let others = self
            .0
            .iter()
            .filter(|(other, spot)| **other != batch && Some(spot.kind) == kind);
        std::iter::once(batch)
            .chain(others.map(|(other, _)| *other))
            .collect()
    }

    fn count(&mut self, count: &Count) -> Effect {
        let kinds = self.kinds(count);
        let mut moves: BTreeMap<BatchId, Move> = BTreeMap::new();
        for (kind, plants) in &kinds {
            for (batch, comes) in self.places(*kind, *plants, count) {
                moves.entry(batch).or_default().comes = comes;
            }
        }
        for (batch, spot) in self.0.iter().filter(|(_, spot)| count.covers(spot.kind)) {
            moves.entry(*batch).or_default().goes = spot.plants;
        }
        for (batch, Move { comes, .. }) in &moves {
            let spot = self.0.entry(*batch).or_insert(Spot {
                kind: count.kind,
                plants: 0,
                told: 0,
            });
            spot.plants = *comes;
        }
        Effect {
            allocated: count.covers == Covers::Bed && kinds.len() > 1,
            ..Effect::of(moves)
        }
    }

    /// How the counted plants are shared by kinds: those that stand there, in
    /// proportion. An empty bed gets the count's kind alone, and so does a count
    /// that speaks of one product only.
    fn kinds(&self, count: &Count) -> Vec<(Kind, i64)> {
        let mut standing: BTreeMap<Kind, i64> = BTreeMap::new();
        for spot in self.0.values().filter(|spot| spot.plants > 0) {
            *standing.entry(spot.kind).or_default() += spot.plants;
        }
        if standing.is_empty() || count.covers != Covers::Bed {
            return vec![(count.kind, count.plants.get())];
        }
        let weights: Vec<i64> = standing.values().copied().collect();
        let shares = split(count.plants.get(), &weights);
        standing.into_keys().zip(shares).collect()
    }

    /// Which batches of a kind get its counted plants: those that stand there, in
    /// proportion, so that each keeps its planting date; else the count's home.
    fn places(&self, kind: Kind, plants: i64, count: &Count) -> Vec<(BatchId, i64)> {
        let standing = self
            .0
            .iter()
            .filter(|(_, spot)| spot.kind == kind && spot.plants > 0);
        let (batches, weights): (Vec<BatchId>, Vec<i64>) =
            standing.map(|(batch, spot)| (*batch, spot.plants)).unzip();
        if batches.is_empty() {
            return vec![(count.home, plants)];
        }
        batches.into_iter().zip(split(plants, &weights)).collect()
    }

    /// The lines that a new fact brings in.
    fn own(&self, number: usize, fact: &Fact, effect: &Effect) -> Vec<Line> {
        let line = |batch, plants, role| self.line(number, batch, plants, role);
        if let What::Entry { batch, change } = &fact.what {
            return line(*batch, change.get(), Role::Entered)
                .into_iter()
                .collect();
        }
        let counted = Role::Counted {
            allocated: effect.allocated,
        };
        let pairs = effect
            .moves
            .iter()
            .flat_map(|(batch, Move { comes, goes })| {
                let comes = line(*batch, *comes, counted);
                [comes, line(*batch, -goes, Role::Replaced)]
            });
        pairs.flatten().collect()
    }

    /// The lines that are missing between what a fact does and what is said of it.
    fn corrections(
        &self,
        number: usize,
        fact: &Fact,
        effect: &Effect,
        said: &BTreeMap<BatchId, i64>,
    ) -> Vec<Line> {
        let role = if fact.is_count() {
            Role::Known
        } else {
            Role::Limited {
                missing: effect.missing,
            }
        };
        let batches: BTreeSet<_> = effect.moves.keys().chain(said.keys()).collect();
        let corrections = batches.into_iter().filter_map(|batch| {
            let does = effect.moves.get(batch).map_or(0, Move::net);
            let says = said.get(batch).copied().unwrap_or(0);
            self.line(number, *batch, does - says, role)
        });
        corrections.collect()
    }

    fn line(&self, fact: usize, batch: BatchId, plants: i64, role: Role) -> Option<Line> {
        Some(Line {
            fact,
            batch,
            kind: self.0.get(&batch)?.kind,
            change: Change::new(plants)?,
            role,
        })
    }

    fn tell(&mut self, lines: &BTreeMap<BatchId, i64>) {
        for (batch, plants) in lines {
            if let Some(spot) = self.0.get_mut(batch) {
                spot.told += plants;
            }
        }
    }

    fn is_as_told(&self) -> bool {
        self.0.values().all(|spot| spot.plants == spot.told)
    }
}

// === impl Count ===

impl Count {
    /// Whether the count speaks of a kind.
    fn covers(&self, kind: Kind) -> bool {
        match self.covers {
            Covers::Bed => true,
            Covers::Product => kind.product == self.kind.product,
            Covers::Packaging => {
                kind.product == self.kind.product && kind.packaging == self.kind.packaging
            }
        }
    }
}

// === impl Effect ===

impl Effect {
    const fn of(moves: BTreeMap<BatchId, Move>) -> Self {
        Self {
            moves,
            allocated: false,
            missing: 0,
        }
    }
}

// === impl Move ===

impl Move {
    const fn net(&self) -> i64 {
        self.comes - self.goes
    }
}

#[cfg(test)]
mod tests;
