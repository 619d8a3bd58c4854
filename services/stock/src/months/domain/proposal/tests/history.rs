//! A bed whose facts arrive in order, told without the ledger's own code.

use chrono::NaiveDate;

use super::super::*;
use crate::ids::{PackagingId, StateId};
use crate::ledger::domain::share::split;
use crate::months::domain::books::Plot;
use crate::months::domain::flow::Class;
use crate::months::domain::month::Month;

/// Sold when it is there.
pub(super) const ADULT: i32 = 5;
/// Never sold.
pub(super) const SEEDLING: i32 = 3;

pub(super) fn day(day: i64) -> DateTime<Utc> {
    // 30 September 2026, noon; day 31 is 31 October.
    DateTime::from_timestamp(1_790_769_600, 0).unwrap() + TimeDelta::days(day)
}

pub(super) fn october() -> Rules {
    Rules {
        period: Month::new(2026, 10).unwrap().period(chrono_tz::UTC),
        closing_within: TimeDelta::days(7),
    }
}

pub(super) fn a_kind(product: i32, state: i32) -> Kind {
    Kind {
        product: ProductId(product),
        state: StateId(state),
        size: None,
        packaging: Some(PackagingId(1)),
    }
}

pub(super) fn batch(number: u128) -> BatchId {
    BatchId(Uuid::from_u128(number))
}

/// A bed whose facts arrive in order.
#[derive(Clone)]
pub(super) struct Bed(pub(super) BedBooks);

impl Bed {
    pub(super) fn new() -> Self {
        Self(BedBooks {
            location: LocationId(1),
            plots: BTreeMap::new(),
            counts: Vec::new(),
            lines: Vec::new(),
        })
    }

    /// A batch that was planted some days after 1 January 2026, and holds nothing yet.
    pub(super) fn with(mut self, number: u128, kind: Kind, planted: i64) -> Self {
        let plot = Plot {
            kind,
            is_sellable: kind.state.0 == ADULT,
            since: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + TimeDelta::days(planted),
            current: 0,
        };
        self.0.plots.insert(batch(number), plot);
        self
    }

    fn line(&mut self, at: DateTime<Utc>, number: BatchId, class: Class, plants: i64) {
        if plants == 0 {
            return;
        }
        self.0.plots.get_mut(&number).unwrap().current += plants;
        self.0.lines.push(Line {
            batch: number,
            at,
            class,
            plants,
            of_month: false,
        });
    }

    pub(super) fn moves(mut self, on: i64, number: u128, class: Class, plants: i64) -> Self {
        self.line(day(on), batch(number), class, plants);
        self
    }

    /// A photo: what stands shares its plants; the batch gets them where nothing does.
    pub(super) fn photo(mut self, on: i64, plants: i64, home: u128) -> Self {
        let standing: Vec<(BatchId, Kind, i64)> = self
            .0
            .plots
            .iter()
            .filter(|(_, plot)| plot.current > 0)
            .map(|(id, plot)| (*id, plot.kind, plot.current))
            .collect();
        let weights: Vec<i64> = standing.iter().map(|(_, _, held)| *held).collect();
        let shares = split(plants, &weights);
        let kinds: std::collections::BTreeSet<Kind> =
            standing.iter().map(|(_, kind, _)| *kind).collect();
        for ((id, _, held), share) in standing.iter().zip(shares) {
            self.line(day(on), *id, Class::Counted, share);
            self.line(day(on), *id, Class::Counted, -held);
        }
        if standing.is_empty() {
            self.line(day(on), batch(home), Class::Counted, plants);
        }
        self.count(on, None, kinds.len() > 1)
    }

    /// A count by hand of a product: all its plants are the batch's.
    pub(super) fn by_hand(mut self, on: i64, number: u128, plants: i64) -> Self {
        let product = self.0.plots[&batch(number)].kind.product;
        let plots = self.0.plots.clone();
        self.line(day(on), batch(number), Class::Counted, plants);
        for (id, plot) in plots
            .iter()
            .filter(|(_, plot)| plot.kind.product == product)
        {
            self.line(day(on), *id, Class::Counted, -plot.current);
        }
        self.count(on, Some(product), false)
    }

    fn count(mut self, on: i64, product: Option<ProductId>, allocated: bool) -> Self {
        let number = u128::try_from(self.0.counts.len()).unwrap();
        self.0.counts.push(Counted {
            id: Uuid::from_u128(1_000 + number),
            effective: Effective {
                at: day(on),
                source: TimeSource::Photo,
            },
            product,
            allocated,
        });
        self
    }

    pub(super) fn propose(&self) -> Proposal {
        propose(&self.0, &october(), &Carried::new())
    }

    /// Writes what an approval of the proposal writes; the opposite of a reopening.
    pub(super) fn approve(mut self, proposal: &Proposal, sign: i64) -> Self {
        for line in &proposal.lines {
            let at = line.closing.unwrap().effective.at;
            for (id, plants) in &line.sales {
                self.line(at, *id, Class::Counted, sign * plants);
                self.line(at, *id, Class::Approved, -sign * plants);
            }
        }
        let month = self.0.lines.len();
        let pairs: usize = proposal.lines.iter().map(|line| 2 * line.sales.len()).sum();
        for line in &mut self.0.lines[month - pairs..] {
            line.of_month = true;
        }
        self
    }
}

impl Bed {
    /// A movement, as far as its plants stand there.
    pub(super) fn at_most(self, on: i64, number: u128, class: Class, plants: i64) -> Self {
        let held = self.0.plots[&batch(number)].current;
        match class {
            Class::Planted | Class::MovedIn => self.moves(on, number, class, plants),
            _ => self.moves(on, number, class, -plants.min(held)),
        }
    }
}
