//! People count beds together: what each entered, added up by what they can tell apart.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::catalog::domain::Kind;
use crate::ids::{CountSessionId, EntryId, HandCountId, LocationId, PackagingId, ProductId};
use crate::ledger::domain::fact::Covers;
use crate::ledger::domain::quantity::Quantity;

/// What people who count can tell apart: a product in a packaging, or in none.
pub type Sort = (ProductId, Option<PackagingId>);

/// People count some beds together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountSession {
    /// Chosen by who opened it.
    pub id: CountSessionId,
    /// For people.
    pub name: String,
    /// Free text.
    pub notes: String,
    /// Those who count are not told what is expected.
    pub blind: bool,
    /// How far it is.
    pub status: SessionStatus,
    /// Entries and withdrawals so far, and one.
    pub revision: i32,
    /// Who opened it.
    pub opened_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// How far a count session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// Being counted.
    Open,
    /// In the ledger.
    Posted(Closed),
    /// Given up.
    Cancelled(Closed),
}

/// When a session ended, and through whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: DateTime<Utc>,
    /// Through whom.
    pub by: String,
}

/// What one person counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountEntry {
    /// Chosen by who counted.
    pub id: EntryId,
    /// Its session.
    pub session: CountSessionId,
    /// The bed.
    pub location: LocationId,
    /// The plants: product and packaging as told, the rest as configured or as it stands.
    pub kind: Kind,
    /// How many.
    pub plants: Quantity,
    /// Free text.
    pub notes: String,
    /// Who counted.
    pub user: String,
    /// When.
    pub counted_at: DateTime<Utc>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// A bed of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedBed {
    /// The location.
    pub location: LocationId,
    /// For people.
    pub code: String,
    /// When its last entry was counted; `None` when nobody counted it.
    pub counted_at: Option<DateTime<Utc>>,
    /// What stands there, and what was counted.
    pub lines: Vec<Line>,
    /// Movements that took effect there from the session's opening to its last entry.
    pub movements_meanwhile: i64,
}

/// Plants of one sort in a bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The product, and what it grows in.
    pub sort: Sort,
    /// What the ledger says.
    pub expected: Quantity,
    /// What was counted, when somebody did.
    pub counted: Option<Counted>,
}

/// What was counted of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What the plants are.
    pub kind: Kind,
    /// All entries together.
    pub plants: Quantity,
    /// The count by hand that it was posted as.
    pub posted: Option<HandCountId>,
}

// === impl CountSession ===

impl CountSession {
    /// What whoever posts it must have seen: changes with every entry.
    pub fn etag(&self) -> String {
        format!("{}-{}", self.id, self.revision)
    }
}

// === impl CountEntry ===

impl CountEntry {
    /// What was counted, as people tell it apart.
    pub const fn sort(&self) -> Sort {
        (self.kind.product, self.kind.packaging)
    }
}

// === impl Line ===

impl Line {
    /// Whether as many were counted as were expected.
    pub fn is_unchanged(&self) -> bool {
        self.counted
            .is_some_and(|counted| counted.plants == self.expected)
    }
}

/// The lines of a bed: what stands there beside what was entered, by sort. Entries of
/// a sort are added up; the newest says what the plants are.
pub fn tally(standing: &BTreeMap<Sort, Quantity>, entries: &[CountEntry]) -> Vec<Line> {
    let mut counted: BTreeMap<Sort, Counted> = BTreeMap::new();
    for entry in entries {
        let before = counted.get(&entry.sort());
        let before = before.map_or(Quantity::ZERO, |before| before.plants);
        let all = Counted {
            kind: entry.kind,
            plants: before + entry.plants,
            posted: None,
        };
        counted.insert(entry.sort(), all);
    }
    let mut lines: BTreeMap<Sort, Line> = BTreeMap::new();
    for sort in standing.keys().chain(counted.keys()) {
        let line = Line {
            sort: *sort,
            expected: standing.get(sort).copied().unwrap_or_default(),
            counted: counted.get(sort).copied(),
        };
        lines.insert(*sort, line);
    }
    lines.into_values().collect()
}

/// What the count of a line speaks of. Where its product was counted in one packaging
/// alone, of the product: then what the ledger thinks stands there in another one is
/// gone. Where it was counted in several, each speaks of its own.
pub fn covers(line: &Line, all: &[Line]) -> Covers {
    let of_product = |other: &&Line| other.sort.0 == line.sort.0 && other.counted.is_some();
    match all.iter().filter(of_product).count() {
        0 | 1 => Covers::Product,
        _ => Covers::Packaging,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn an_entry((product, packaging, plants): (i32, Option<i32>, i64)) -> CountEntry {
        CountEntry {
            id: EntryId(Uuid::nil()),
            session: CountSessionId(Uuid::nil()),
            location: LocationId(1),
            kind: Kind::from_keys(product, 1, None, packaging),
            plants: Quantity::new(plants).unwrap(),
            notes: String::new(),
            user: "ana".to_owned(),
            counted_at: DateTime::UNIX_EPOCH + TimeDelta::days(1),
            created_at: DateTime::UNIX_EPOCH + TimeDelta::days(1),
            withdrawn_at: None,
        }
    }

    fn standing(plants: &[(i32, Option<i32>, i64)]) -> BTreeMap<Sort, Quantity> {
        let told = plants.iter().map(|(product, packaging, plants)| {
            let sort = (ProductId(*product), packaging.map(PackagingId));
            (sort, Quantity::new(*plants).unwrap())
        });
        told.collect()
    }

    #[test]
    fn what_nobody_counted_is_no_count_of_none() {
        let entries = [an_entry((2, None, 0))];

        let lines = tally(&standing(&[(1, None, 5), (2, None, 7)]), &entries);

        assert_eq!(lines[0].counted, None);
        assert_eq!(lines[1].counted.unwrap().plants, Quantity::ZERO);
        assert!(!lines[0].is_unchanged() && !lines[1].is_unchanged());
    }

    #[test]
    fn a_product_counted_in_one_packaging_is_all_of_it_and_in_two_each_is_its_own() {
        let stands = standing(&[(1, Some(1), 5)]);
        let one = tally(&stands, &[an_entry((1, Some(2), 4))]);
        let two = tally(
            &stands,
            &[an_entry((1, Some(2), 4)), an_entry((1, Some(1), 4))],
        );

        assert_eq!(covers(&one[1], &one), Covers::Product);
        assert_eq!(covers(&two[0], &two), Covers::Packaging);
        assert_eq!(covers(&two[1], &two), Covers::Packaging);
    }

    fn sorts() -> impl Strategy<Value = (i32, Option<i32>, i64)> {
        (1..4i32, prop::option::of(1..3i32), 0..1000i64)
    }

    proptest! {
        /// However entries are shared out among people and in whatever order they
        /// come, no plant is lost or counted twice.
        #[test]
        fn a_tally_is_the_sum_of_its_entries_in_any_order(
            entries in prop::collection::vec(sorts(), 0..20),
            stands in prop::collection::vec(sorts(), 0..5),
        ) {
            let entries: Vec<_> = entries.into_iter().map(an_entry).collect();
            let turned: Vec<_> = entries.iter().rev().cloned().collect();
            let stands = standing(&stands);

            let lines = tally(&stands, &entries);

            let counted = lines.iter().filter_map(|line| line.counted);
            let counted: Quantity = counted.map(|counted| counted.plants).sum();
            prop_assert_eq!(counted, entries.iter().map(|entry| entry.plants).sum());
            let expected: Quantity = lines.iter().map(|line| line.expected).sum();
            prop_assert_eq!(expected, stands.values().copied().sum());
            prop_assert_eq!(lines, tally(&stands, &turned));
        }
    }
}
