//! What the ledger tells of one bed, as far as a month or a timeline needs it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::flow::{Class, Flow};
use crate::catalog::domain::Kind;
use crate::ids::{BatchId, LocationId, ProductId};
use crate::ledger::domain::fact::Effective;

/// What the ledger tells of one bed.
#[derive(Clone, Debug)]
pub struct BedBooks {
    /// The bed.
    pub location: LocationId,
    /// Its batches, also those that hold nothing now.
    pub plots: BTreeMap<BatchId, Plot>,
    /// Its counts, as they happened.
    pub counts: Vec<Counted>,
    /// Its lines from some instant on, in no order. What stood before that instant is
    /// not told.
    pub lines: Vec<Line>,
}

/// A batch of a bed.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    /// What its plants are.
    pub kind: Kind,
    /// Whether plants in their state may be sold.
    pub is_sellable: bool,
    /// When they were planted; when the batch was begun, if nobody said.
    pub since: NaiveDate,
    /// Plants that it holds now.
    pub current: i64,
}

/// A count of a bed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Of the photo's session, or of the count by hand.
    pub id: Uuid,
    /// When.
    pub effective: Effective,
    /// The product that was counted by hand; `None` of a photo, which shows the bed.
    pub product: Option<ProductId>,
    /// Whether several kinds share its plants in proportion to what stood there.
    pub allocated: bool,
}

/// A line of the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The batch that changed.
    pub batch: BatchId,
    /// When it took effect.
    pub at: DateTime<Utc>,
    /// What it is.
    pub class: Class,
    /// Plants that came, or, below zero, went.
    pub plants: i64,
    /// Whether a month-end wrote it.
    pub of_month: bool,
}

// === impl BedBooks ===

impl BedBooks {
    /// Plants that a batch held at an instant, from the first of the lines on.
    pub fn stood(&self, batch: BatchId, at: DateTime<Utc>) -> i64 {
        let now = self.plots.get(&batch).map_or(0, |plot| plot.current);
        let since = self.lines.iter().filter(|line| line.batch == batch);
        now - since
            .filter(|line| line.at > at)
            .map(|line| line.plants)
            .sum::<i64>()
    }

    /// Plants that the bed held at an instant.
    pub fn all_stood(&self, at: DateTime<Utc>) -> i64 {
        self.plots.keys().map(|batch| self.stood(*batch, at)).sum()
    }

    /// What happened to a batch after an instant, up to another.
    pub fn flow(&self, batch: BatchId, after: DateTime<Utc>, until: DateTime<Utc>) -> Flow {
        let lines = self.within(after, until);
        lines
            .filter(|line| line.batch == batch)
            .map(Line::flow)
            .sum()
    }

    /// What happened to the bed after an instant, up to another.
    pub fn all_flow(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Flow {
        self.within(after, until).map(Line::flow).sum()
    }

    /// The lines that took effect after an instant, up to another.
    pub fn within(
        &self,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> impl Iterator<Item = &Line> {
        let inside = move |line: &&Line| after < line.at && line.at <= until;
        self.lines.iter().filter(inside)
    }

    /// The counts that speak of a product, as they happened.
    pub fn counts_of(&self, product: ProductId) -> impl DoubleEndedIterator<Item = &Counted> {
        self.counts
            .iter()
            .filter(move |count| count.covers(product))
    }
}

// === impl Counted ===

impl Counted {
    /// When.
    pub const fn at(&self) -> DateTime<Utc> {
        self.effective.at
    }

    /// Whether it speaks of a product.
    pub fn covers(&self, product: ProductId) -> bool {
        self.product.is_none_or(|counted| counted == product)
    }

    /// Whether it was made by hand.
    pub const fn is_by_hand(&self) -> bool {
        self.product.is_some()
    }

    /// Sorts counts as they happened; those of one instant as the ledger does.
    pub const fn order(&self) -> (DateTime<Utc>, Uuid) {
        (self.effective.at, self.id)
    }
}

// === impl Line ===

impl Line {
    /// What it did.
    pub fn flow(&self) -> Flow {
        Flow::of(self.class, self.plants)
    }
}
