//! What the books of a bed say was sold in a month.
//!
//! Between the bed's opening and its closing count everything is known but what left
//! without a word. That is what was sold, and the proposal says so, kind by kind, for
//! a supervisor to approve.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::books::{BedBooks, Counted, Line};
use super::flow::Flow;
use super::month::Period;
use super::share::share_out;
use crate::catalog::domain::Kind;
use crate::ids::{BatchId, LocationId, ProductId};
use crate::ledger::domain::fact::{Effective, TimeSource};

/// What a proposal is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The month.
    pub period: Period,
    /// How long before the month's end its closing count may be.
    pub closing_within: TimeDelta,
}

/// What was sold from a bed in a month, as its books say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The bed.
    pub location: LocationId,
    /// What stood there or came there, by kind.
    pub lines: Vec<KindLine>,
    /// Plants that are missing and cannot have been sold: none of them was in a state
    /// that is sold.
    pub remainder: i64,
    /// Digest of all that people and photos say, and that this rests on. Approvals are
    /// no part of it.
    pub read: String,
    /// Digest of all that this says: whoever approves it names it.
    pub digest: String,
}

/// A kind of plant in a bed, in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindLine {
    /// What they are.
    pub kind: Kind,
    /// What stood there when the month opened; `None` when no count says it.
    pub opening: Option<Boundary>,
    /// What stood there when it closed; `None` when no count says it.
    pub closing: Option<Boundary>,
    /// What happened after the opening, up to the closing; of the month where there is
    /// none.
    pub flow: Flow,
    /// Plants by which late facts changed what closed months say was sold, and that no
    /// later month has settled: sold too, or, below zero, not.
    pub prior: i64,
    /// The batch that stands for the kind in what is kept of it.
    pub first: BatchId,
    /// Whether its share of what is missing is worked out: a count shows plants of
    /// several kinds together.
    pub allocated: bool,
    /// What may be done with it.
    pub verdict: Verdict,
    /// What was sold from which batch: those planted first are sold first.
    pub sales: Vec<(BatchId, i64)>,
}

/// What stood of a kind at a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// When it was counted.
    pub effective: Effective,
    /// The photo's session or the count by hand; `None` when none of the kind had stood
    /// there yet.
    pub count: Option<Uuid>,
    /// The plants.
    pub plants: i64,
}

/// What may be done with a line, or with a bed: then it is the worst of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may be approved.
    Ready,
    /// Plants are missing that cannot have been sold: enter what became of them.
    NotSellable,
    /// There are more plants than are known of: count again, or enter what came.
    MorePlants,
    /// No count closes it.
    NoClosing,
    /// No count opens it.
    NoOpening,
}

/// Lines that are reconciled together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    /// A photo shows several kinds: the bed is reconciled as a whole.
    Bed,
    /// A count by hand speaks of all kinds of a product.
    Product(ProductId),
    /// A kind of its own.
    Kind(Kind),
}

/// The counts between which a product is reconciled.
struct Bounds<'a> {
    period: Period,
    opening: Opening<'a>,
    closing: Option<&'a Counted>,
}

enum Opening<'a> {
    Count(&'a Counted),
    /// None of it stood in a bed that is counted.
    Nothing(DateTime<Utc>),
    Unknown,
}

/// What was sold from a bed in a month.
pub fn propose(books: &BedBooks, rules: &Rules, carried: &Carried) -> Proposal {
    let mut lines = Vec::new();
    let mut units: BTreeMap<Unit, Vec<usize>> = BTreeMap::new();
    for (product, kinds) in by_product(books) {
        let bounds = Bounds::of(books, product, rules);
        let told = kinds.into_iter();
        let told = told.filter_map(|(kind, of)| {
            let prior = carried.get(&kind).copied().unwrap_or(0);
            line(books, kind, &of, &bounds, prior)
        });
        let told: Vec<KindLine> = told.collect();
        let several = told.len() > 1;
        for told in told {
            let unit = bounds.unit(told.kind, several);
            units.entry(unit).or_default().push(lines.len());
            lines.push(told);
        }
    }
    let mut remainder = 0;
    for (unit, members) in &units {
        let several = members.len() > 1;
        for member in members {
            lines[*member].allocated = several && !matches!(unit, Unit::Kind(_));
        }
        remainder += reconcile(books, &mut lines, members);
    }
    let read = read(books, rules, carried);
    let digest = digest_of(&read, &lines, remainder);
    Proposal {
        location: books.location,
        lines,
        remainder,
        read,
        digest,
    }
}

/// The batches of a bed by product and kind.
fn by_product(books: &BedBooks) -> BTreeMap<ProductId, BTreeMap<Kind, Vec<BatchId>>> {
    let mut products: BTreeMap<ProductId, BTreeMap<Kind, Vec<BatchId>>> = BTreeMap::new();
    for (batch, plot) in &books.plots {
        let kinds = products.entry(plot.kind.product).or_default();
        kinds.entry(plot.kind).or_default().push(*batch);
    }
    products
}

/// By kind, plants by which late facts changed what closed months say was sold.
pub type Carried = BTreeMap<Kind, i64>;

/// What is told of a kind; `None` when none of it stood there and nothing happened.
fn line(
    books: &BedBooks,
    kind: Kind,
    batches: &[BatchId],
    bounds: &Bounds<'_>,
    prior: i64,
) -> Option<KindLine> {
    let stood = |at| batches.iter().map(|batch| books.stood(*batch, at)).sum();
    let (after, until) = bounds.window();
    let flows = batches.iter().map(|batch| books.flow(*batch, after, until));
    let flow: Flow = flows.sum();
    let (opening, closing) = (bounds.opens(stood), bounds.closes(stood));
    let counts = [&opening, &closing].into_iter().flatten();
    let stands = counts.map(|count| count.plants).sum::<i64>() != 0;
    if !stands && flow.is_nothing() && stood(after) == 0 && prior == 0 {
        return None;
    }
    Some(KindLine {
        kind,
        verdict: match (&opening, &closing) {
            (None, _) => Verdict::NoOpening,
            (Some(_), None) => Verdict::NoClosing,
            (Some(_), Some(_)) => Verdict::Ready,
        },
        opening,
        closing,
        flow,
        prior,
        first: *batches.first()?,
        allocated: false,
        sales: Vec::new(),
    })
}

/// Proposes the sales of lines that are reconciled together. What is missing and
/// cannot have been sold is left over.
fn reconcile(books: &BedBooks, lines: &mut [KindLine], members: &[usize]) -> i64 {
    let known = members.iter().map(|member| lines[*member].missing());
    let Some(missing) = known.collect::<Option<Vec<i64>>>() else {
        return 0;
    };
    let total: i64 = missing.iter().sum();
    if total < 0 {
        for member in members {
            lines[*member].verdict = Verdict::MorePlants;
        }
        return 0;
    }
    let limits: Vec<i64> = members
        .iter()
        .map(|member| sellable(books, &lines[*member]))
        .collect();
    let weights: Vec<i64> = missing.iter().map(|missing| (*missing).max(0)).collect();
    let shares = share_out(total, &weights, &limits);
    for (member, share) in members.iter().zip(&shares) {
        let line = &mut lines[*member];
        line.sales = first_planted_first(books, line, *share);
    }
    let left = total - shares.iter().sum::<i64>();
    if left == total && total > 0 {
        for member in members {
            lines[*member].verdict = Verdict::NotSellable;
        }
    }
    left
}

/// Plants of a line that can have been sold.
fn sellable(books: &BedBooks, line: &KindLine) -> i64 {
    let batches = batches_of(books, line);
    batches.iter().map(|(_, plants)| plants).sum()
}

/// How many plants can have been sold from each batch of a line, first planted first:
/// what it held when the month opened and what came, less what is known to have gone.
fn batches_of(books: &BedBooks, line: &KindLine) -> Vec<(BatchId, i64)> {
    let (Some(opening), Some(closing)) = (line.opening, line.closing) else {
        return Vec::new();
    };
    let (after, until) = (opening.effective.at, closing.effective.at);
    let plots = books.plots.iter();
    let sellable = plots.filter(|(_, plot)| plot.kind == line.kind && plot.is_sellable);
    let mut sellable: Vec<_> = sellable.map(|(batch, plot)| (plot.since, *batch)).collect();
    sellable.sort_unstable();
    let held = |batch| {
        let flow = books.flow(batch, after, until);
        books.stood(batch, after) + flow.known() - flow.sales()
    };
    let held = sellable
        .into_iter()
        .map(|(_, batch)| (batch, held(batch).max(0)));
    held.collect()
}

fn first_planted_first(books: &BedBooks, line: &KindLine, plants: i64) -> Vec<(BatchId, i64)> {
    let mut left = plants;
    let mut sales = Vec::new();
    for (batch, held) in batches_of(books, line) {
        let sold = left.min(held);
        left -= sold;
        if sold > 0 {
            sales.push((batch, sold));
        }
    }
    sales
}

/// Digest of the facts that a proposal rests on.
fn read(books: &BedBooks, rules: &Rules, carried: &Carried) -> String {
    let mut text = String::new();
    for (kind, plants) in carried {
        let _infallible = writeln!(text, "{:?} {plants}", kind.keys());
    }
    let Rules {
        period,
        closing_within,
    } = rules;
    let _infallible = writeln!(
        text,
        "{} {} {} {closing_within}",
        books.location, period.starts, period.ends
    );
    for product in by_product(books).into_keys() {
        let bounds = Bounds::of(books, product, rules);
        let (after, until) = bounds.window();
        let _infallible = writeln!(text, "{product} {:?}", bounds.ids());
        let plots = books.plots.iter();
        for (batch, plot) in plots.filter(|(_, plot)| plot.kind.product == product) {
            let facts = |line: &&Line| line.batch == *batch && !line.of_month;
            let lines: Vec<_> = books.within(after, until).filter(facts).collect();
            let flow: Flow = lines.iter().map(|line| line.flow()).sum();
            let stood = books.stood(*batch, after);
            if stood == 0 && lines.is_empty() {
                continue;
            }
            let (since, numbers) = (plot.since, flow.numbers());
            let (sellable, lines) = (plot.is_sellable, lines.len());
            let _infallible = writeln!(
                text,
                "{batch} {:?} {sellable} {since} {stood} {lines} {numbers:?}",
                plot.kind.keys()
            );
        }
    }
    digest(&text)
}

fn digest_of(read: &str, lines: &[KindLine], remainder: i64) -> String {
    let mut text = format!("{read} {remainder}\n");
    for line in lines {
        let (kind, numbers, verdict) = (line.kind.keys(), line.flow.numbers(), line.verdict);
        let _infallible = write!(text, "{kind:?} {verdict:?} {numbers:?} {}", line.prior);
        for (batch, sold) in &line.sales {
            let _infallible = write!(text, " {batch} {sold}");
        }
        text.push('\n');
    }
    digest(&text)
}

fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

// === impl Proposal ===

impl Proposal {
    /// The worst of its lines; `None` when there is nothing to be said.
    pub fn verdict(&self) -> Option<Verdict> {
        self.lines.iter().map(|line| line.verdict).max()
    }

    /// Plants that it proposes as sold.
    pub fn sales(&self) -> i64 {
        self.lines.iter().map(KindLine::proposed).sum()
    }
}

// === impl KindLine ===

impl KindLine {
    /// Plants that would stand there at the closing, had none been sold.
    pub fn expected(&self) -> Option<i64> {
        Some(self.opening?.plants + self.flow.known())
    }

    /// Plants that are missing at the closing, less the sales that are recorded, and
    /// what closed months left; below zero where there are too many.
    pub fn missing(&self) -> Option<i64> {
        Some(self.own()? + self.prior)
    }

    /// The same, of this month alone.
    pub fn own(&self) -> Option<i64> {
        Some(self.expected()? - self.flow.sales() - self.closing?.plants)
    }

    /// Plants that are proposed as sold.
    pub fn proposed(&self) -> i64 {
        self.sales.iter().map(|(_, plants)| plants).sum()
    }
}

// === impl Bounds ===

impl<'a> Bounds<'a> {
    fn of(books: &'a BedBooks, product: ProductId, rules: &Rules) -> Self {
        let Period { starts, ends } = rules.period;
        let closes =
            |count: &&Counted| count.at() <= ends && count.at() >= ends - rules.closing_within;
        let closing = books.counts_of(product).rev().find(closes);
        let before = |count: &&Counted| count.at() <= starts;
        let opening = books.counts_of(product).rev().find(before);
        let opening = match opening {
            Some(count) => Opening::Count(count),
            None if is_new(books, product, starts) => Opening::Nothing(starts),
            None => first_by_hand(books, product, closing),
        };
        Self {
            period: rules.period,
            opening,
            closing,
        }
    }

    /// After the first instant, up to the second.
    fn window(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let after = match self.opening {
            Opening::Count(count) => count.at(),
            Opening::Nothing(at) => at,
            Opening::Unknown => self.period.starts,
        };
        let until = self.closing.map_or(self.period.ends, Counted::at);
        (after, until.max(after))
    }

    fn opens(&self, stood: impl Fn(DateTime<Utc>) -> i64) -> Option<Boundary> {
        match self.opening {
            Opening::Count(count) => Some(Boundary::of(count, stood)),
            Opening::Nothing(at) => Some(Boundary {
                effective: Effective {
                    at,
                    source: TimeSource::Recorded,
                },
                count: None,
                plants: 0,
            }),
            Opening::Unknown => None,
        }
    }

    fn closes(&self, stood: impl Fn(DateTime<Utc>) -> i64) -> Option<Boundary> {
        self.closing.map(|count| Boundary::of(count, stood))
    }

    fn ids(&self) -> [Option<Uuid>; 2] {
        let opening = match self.opening {
            Opening::Count(count) => Some(count.id),
            Opening::Nothing(_) | Opening::Unknown => None,
        };
        [opening, self.closing.map(|count| count.id)]
    }

    /// What a kind of the product is reconciled with; `several` kinds of it are there.
    fn unit(&self, kind: Kind, several: bool) -> Unit {
        let opening = match self.opening {
            Opening::Count(count) => Some(count),
            Opening::Nothing(_) | Opening::Unknown => None,
        };
        let counts = || opening.into_iter().chain(self.closing);
        if counts().any(|count| count.allocated) {
            return Unit::Bed;
        }
        if several && counts().any(Counted::is_by_hand) {
            return Unit::Product(kind.product);
        }
        Unit::Kind(kind)
    }
}

/// Whether none of a product stood at an instant in a bed that had been counted.
fn is_new(books: &BedBooks, product: ProductId, at: DateTime<Utc>) -> bool {
    let plots = books.plots.iter();
    let mut of_it = plots.filter(|(_, plot)| plot.kind.product == product);
    let counted = books.counts.first().is_some_and(|count| count.at() <= at);
    counted && of_it.all(|(batch, _)| books.stood(*batch, at) == 0)
}

/// The first count by hand of a product, if there is one before its closing count: a
/// bed that was taken into use during the month.
fn first_by_hand<'a>(
    books: &'a BedBooks,
    product: ProductId,
    closing: Option<&Counted>,
) -> Opening<'a> {
    let mut counts = books.counts_of(product);
    let first = counts.find(|count| count.is_by_hand());
    let before = first.filter(|first| closing.is_none_or(|closing| first.at() < closing.at()));
    before.map_or(Opening::Unknown, Opening::Count)
}

// === impl Boundary ===

impl Boundary {
    fn of(count: &Counted, stood: impl Fn(DateTime<Utc>) -> i64) -> Self {
        Self {
            effective: count.effective,
            count: Some(count.id),
            plants: stood(count.at()),
        }
    }
}

#[cfg(test)]
mod tests;
