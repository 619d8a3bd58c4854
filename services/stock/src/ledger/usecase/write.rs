//! How a fact gets into the ledger: the lines that it needs, in one transaction.

use chrono::{DateTime, NaiveDate, Utc};

use super::Ledger;
use super::books::{Books, Known, differ, standing};
use super::closed;
use super::plant::Planted;
use crate::database::{StoreError, Tx};
use crate::error::Error;
use crate::ids::{BatchId, HandCountId, MovementId, SessionId};
use crate::ledger::domain::batch::{Batch, Effect};
use crate::ledger::domain::count::Difference;
use crate::ledger::domain::fact::{Effective, Fact, FactId};
use crate::ledger::domain::movement::{Draft, Entry, Movement, MovementType, Source, Ties};
use crate::ledger::domain::settle::{Line, Role, Told, settle};

/// A fact that arrives.
pub(super) struct Arrival {
    pub fact: Fact,
    pub says: Says,
    pub effective: Effective,
    /// Who tells it.
    pub user: String,
    /// Asked after the bed was locked.
    pub now: DateTime<Utc>,
}

/// What says so, and what only such a fact has.
pub(super) enum Says {
    /// A movement that somebody enters.
    Entry(Entry),
    /// A photo.
    Photo(SessionId),
    /// A count by hand, and what a batch that it begins is told of its plants.
    Hand(HandCountId, Sown),
}

/// What people say about plants that they found.
#[derive(Clone, Default)]
pub(super) struct Sown {
    /// When known.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
}

/// What an arrival did.
pub(super) struct Written {
    /// In the order of recording.
    pub lines: Vec<Movement>,
    /// The bed's batches after it.
    pub batches: Vec<Batch>,
    /// What it did to the bed.
    pub difference: Difference,
    /// The fact.
    pub id: FactId,
}

// === impl Ledger ===

impl Ledger {
    /// Writes the lines that a fact needs into the books of its bed: its own, and those
    /// that it makes necessary at facts of later instants. Of a batch's lines those
    /// that bring plants come first, so that no balance passes below zero.
    pub(super) async fn write(
        &self,
        tx: &Tx,
        books: &mut Books,
        arrival: Arrival,
    ) -> Result<Written, Error> {
        closed::check(tx, arrival.effective.at, self.closed_months).await?;
        let previous = books.batches.clone();
        let new = books.place(&arrival.fact);
        let told = books.told_from(new, &arrival.fact);
        let mut lines = settle(&books.stands_before(new), &told, 0);
        lines.sort_by_key(|line| !line.change.is_inbound());
        let keyed = lines.into_iter().map(|line| {
            let fact = line.fact + new;
            (self.next_movement(), Line { fact, ..line })
        });
        let lines: Vec<(MovementId, Line)> = keyed.collect();
        let fact = arrival.known(&lines)?;
        let id = fact.id;
        books.facts.insert(new, fact);
        self.begin_batches(tx, books, &lines, &arrival).await?;
        let mut written = Vec::with_capacity(lines.len());
        let pots = books.pots(&lines);
        for (key, line) in &lines {
            let draft = Draft {
                pots: pots.get(key).copied().unwrap_or(0),
                ..arrival.draft(*key, line, &books.facts[line.fact], id)
            };
            written.push(books.add(line, draft)?);
        }
        let later = books.facts.iter().skip(new + 1).any(Known::is_count);
        Ok(Written {
            difference: Difference {
                previous_quantity: standing(&previous),
                current_quantity: standing(&books.batches),
                superseded: later && !differ(&previous, &books.batches),
            },
            lines: written,
            batches: books.batches.clone(),
            id,
        })
    }

    /// Adds the batches that a count needs and that do not exist yet.
    async fn begin_batches(
        &self,
        tx: &Tx,
        books: &mut Books,
        lines: &[(MovementId, Line)],
        arrival: &Arrival,
    ) -> Result<(), Error> {
        let sown = match &arrival.says {
            Says::Hand(_, sown) => sown.clone(),
            Says::Entry(_) | Says::Photo(_) => Sown::default(),
        };
        for (_, line) in lines {
            if books.batch(line.batch).is_some() {
                continue;
            }
            let planted = Planted {
                id: line.batch,
                kind: line.kind,
                quantity: line.change.plants(),
                planting_date: sown.planting_date,
                notes: sown.notes.clone(),
            };
            let batch = self
                .new_batch(tx, &books.location, planted, arrival.now)
                .await?;
            books.batches.push(batch);
        }
        Ok(())
    }
}

// === impl Arrival ===

impl Arrival {
    /// The fact with its name. A movement that is entered is named like its line.
    fn known(&self, lines: &[(MovementId, Line)]) -> Result<Known, StoreError> {
        let entered = lines.iter().find(|(_, line)| line.role == Role::Entered);
        let id = match (&self.says, entered) {
            (Says::Photo(id), _) => FactId::Photo(*id),
            (Says::Hand(id, _), _) => FactId::Hand(*id),
            (Says::Entry(_), Some((id, _))) => FactId::Entry(*id),
            (Says::Entry(_), None) => return Err(StoreError::Corrupt("entered movement")),
        };
        Ok(Known {
            id,
            told: Told::new(self.fact.clone()),
            effective: self.effective,
            trades_pots: self.trades_pots(),
        })
    }

    /// A line of a fact as it is recorded because this one arrives.
    fn draft(&self, id: MovementId, line: &Line, of: &Known, arrived: FactId) -> Draft {
        let own = matches!(
            line.role,
            Role::Entered | Role::Counted { .. } | Role::Replaced
        );
        Draft {
            id,
            movement_type: match line.role {
                Role::Entered | Role::Counted { .. } => self.movement_type(),
                Role::Replaced | Role::Known | Role::Limited { .. } => MovementType::Ajuste,
            },
            change: line.change,
            source: if own {
                self.source()
            } else {
                Source::Calculated
            },
            reason: self.reason(line.role, of.id),
            fact: of.id,
            late_fact: (!own).then(|| arrived.uuid()),
            allocated: line.role == Role::Counted { allocated: true },
            pots: 0,
            trades_pots: of.trades_pots,
            ties: self.ties(line.role),
            user: self.user.clone(),
            effective: of.effective,
            created_at: self.now,
        }
    }

    fn reason(&self, role: Role, of: FactId) -> String {
        let count = match of {
            FactId::Hand(_) => "count by hand",
            FactId::Photo(_) | FactId::Entry(_) | FactId::Month(_) => "photo count",
        };
        match (role, &self.says) {
            (Role::Entered, Says::Entry(entry)) => entry.reason().to_owned(),
            (Role::Entered | Role::Counted { .. }, _) => count.to_owned(),
            (Role::Replaced, _) => format!("replaced by {count}"),
            (Role::Known, _) => format!("the {count} had seen this already"),
            (Role::Limited { missing: 0 }, _) => "found among the batches of its kind".to_owned(),
            (Role::Limited { missing }, _) => {
                format!("limited to what stood there: {missing} did not")
            }
        }
    }

    /// Of the line that the fact itself brings in.
    const fn movement_type(&self) -> MovementType {
        match &self.says {
            Says::Entry(entry) => entry.movement_type(),
            Says::Photo(_) => MovementType::Foto,
            Says::Hand(..) => MovementType::ManualInit,
        }
    }

    const fn trades_pots(&self) -> bool {
        match &self.says {
            Says::Entry(entry) => entry.trades_pots(),
            Says::Photo(_) | Says::Hand(..) => false,
        }
    }

    fn ties(&self, role: Role) -> Ties {
        match (role, &self.says) {
            (Role::Entered, Says::Entry(entry)) => entry.ties(),
            _ => Ties::default(),
        }
    }

    const fn source(&self) -> Source {
        match &self.says {
            Says::Photo(_) => Source::Ia,
            Says::Entry(_) | Says::Hand(..) => Source::Manual,
        }
    }
}

// === impl Written ===

impl Written {
    /// The batch after it.
    pub(super) fn batch(&self, id: BatchId) -> Option<&Batch> {
        self.batches.iter().find(|batch| batch.origin().id == id)
    }

    /// The line that brought the most of the counted plants.
    pub(super) fn counted(&self) -> Option<&Movement> {
        let counted = [MovementType::Foto, MovementType::ManualInit];
        let own = self.lines.iter().filter(|line| line.late_fact.is_none());
        own.filter(|line| counted.contains(&line.movement_type))
            .max_by_key(|line| line.change.get())
    }

    /// What it did to the batch of one of its lines.
    pub(super) fn effect(&self, of: MovementId) -> Result<Effect, StoreError> {
        effect(&self.lines, of, |id| self.batch(id).cloned())
    }
}

/// What an arrival did to the batch of one of its lines.
pub(super) fn effect(
    lines: &[Movement],
    of: MovementId,
    batch: impl FnOnce(BatchId) -> Option<Batch>,
) -> Result<Effect, StoreError> {
    let (asked, consequences): (Vec<_>, Vec<_>) =
        lines.iter().cloned().partition(|line| line.id == of);
    let movement = asked.into_iter().next();
    let found = movement.and_then(|movement| Some((batch(movement.batch)?, movement)));
    let (batch, movement) = found.ok_or(StoreError::Corrupt("effect of a movement"))?;
    Ok(Effect {
        batch,
        movement,
        consequences,
    })
}
