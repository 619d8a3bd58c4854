//! Works out what was sold, for many beds at once.

use std::collections::{BTreeMap, HashMap};

use super::Months;
use super::carry::carried;
use crate::database::{Page, Paging, StoreError, Tx, snapshot};
use crate::error::Error;
use crate::ids::{LocationId, WarehouseId};
use crate::ledger::domain::closed::ClosedMonths;
use crate::months::domain::act::Approval;
use crate::months::domain::flow::Flow;
use crate::months::domain::month::Month;
use crate::months::domain::proposal::{Carried, Proposal, Rules, Verdict, propose};
use crate::months::store::beds::{self, Bed};
use crate::months::store::books::{self, Start};
use crate::months::store::{approvals, months};

/// Beds whose books are in memory at once.
const AT_ONCE: usize = 2_000;

/// A bed's month.
#[derive(Clone, Debug)]
pub struct BedMonth {
    /// The bed.
    pub bed: Bed,
    /// What its books say.
    pub proposal: Proposal,
    /// The approval that nobody has taken back.
    pub approval: Option<Approval>,
}

/// Where a bed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing stood there.
    Empty,
    /// A supervisor approved it.
    Approved,
    /// As its books say.
    Told(Verdict),
}

/// What the beds of a place say of a month.
#[derive(Clone, Debug, Default)]
pub struct Reconciled {
    /// Plants at the opening counts.
    pub opening: i64,
    /// What is known to have happened.
    pub flow: Flow,
    /// Plants that would stand there, had none been sold.
    pub expected: i64,
    /// Plants at the closing counts.
    pub closing: i64,
    /// Plants by which late facts changed what closed months say was sold.
    pub prior: i64,
    /// Plants that are proposed as sold.
    pub proposed: i64,
    /// Plants that are missing and cannot have been sold.
    pub remainder: i64,
    /// The beds.
    pub beds: Vec<BedMonth>,
}

// === impl Months ===

impl Months {
    /// What a page of beds say of a month that was opened.
    pub async fn proposals(
        &self,
        month: Month,
        warehouse: Option<WarehouseId>,
        paging: &Paging,
    ) -> Result<Page<BedMonth>, Error> {
        let tx = snapshot(self.connection()).await?;
        let opened = super::opened(&tx, month).await?;
        let page = beds::list(&tx, warehouse, paging).await?;
        let items = bed_months(&tx, self.asked(month, opened.rules()), page.items).await?;
        tx.rollback().await?;
        Ok(Page {
            items,
            next_token: page.next_token,
        })
    }

    /// What the beds of a place say of a month, whether it was opened or not.
    pub async fn reconcile(
        &self,
        month: Month,
        warehouse: Option<WarehouseId>,
    ) -> Result<Reconciled, Error> {
        let tx = snapshot(self.connection()).await?;
        let rules = self.rules(&tx, month).await?;
        let beds = beds::all(&tx, warehouse).await?;
        let beds = bed_months(&tx, self.asked(month, rules), beds).await?;
        tx.rollback().await?;
        let mut sum = Reconciled::default();
        for bed in &beds {
            sum.add(&bed.proposal);
        }
        Ok(Reconciled { beds, ..sum })
    }

    /// What is asked of the beds of a month.
    pub(super) const fn asked(&self, month: Month, rules: Rules) -> Asked {
        Asked {
            month,
            rules,
            closed_months: self.calendar.closed_months,
        }
    }

    /// What the proposals of a month are made for: as it was opened, else as it would
    /// be now.
    async fn rules(&self, tx: &Tx, month: Month) -> Result<Rules, Error> {
        let opened = months::find(tx, month).await?;
        Ok(opened.map_or_else(
            || Rules {
                period: month.period(self.calendar.zone),
                closing_within: self.calendar.closing_within,
            },
            |opened| opened.rules(),
        ))
    }
}

/// What is asked of beds.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub month: Month,
    pub rules: Rules,
    pub closed_months: ClosedMonths,
}

/// The months of these beds, in their order.
pub(super) async fn bed_months(
    tx: &Tx,
    asked: Asked,
    beds: Vec<Bed>,
) -> Result<Vec<BedMonth>, StoreError> {
    let mut told = Vec::with_capacity(beds.len());
    let mut beds = beds.into_iter();
    loop {
        let some: Vec<Bed> = beds.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(told);
        }
        let ids: Vec<LocationId> = some.iter().map(|bed| bed.id).collect();
        let mut approvals = approvals::standing(tx, asked.month, &ids).await?;
        let proposals = proposals(tx, asked, &ids).await?;
        told.extend(some.into_iter().zip(proposals).map(|(bed, proposal)| {
            let approval = approvals.remove(&bed.id);
            BedMonth {
                bed,
                proposal,
                approval,
            }
        }));
    }
}

/// The proposals of these beds, in their order.
async fn proposals(
    tx: &Tx,
    asked: Asked,
    beds: &[LocationId],
) -> Result<Vec<Proposal>, StoreError> {
    let Asked {
        month,
        rules,
        closed_months,
    } = asked;
    let carried = match closed_months {
        ClosedMonths::Refuse => HashMap::new(),
        ClosedMonths::Carry => carried(tx, month, beds).await?,
    };
    let from = Start::CountsBefore(rules.period.starts);
    let books = books::read(tx, beds, from, rules.period.ends).await?;
    let nothing = Carried::new();
    let told = books.iter().map(|books| {
        let carried = carried.get(&books.location).unwrap_or(&nothing);
        propose(books, &rules, carried)
    });
    Ok(told.collect())
}

/// How many beds stand how.
pub fn standing_of(beds: &[BedMonth]) -> BTreeMap<Standing, usize> {
    let mut counts = BTreeMap::new();
    for bed in beds {
        *counts.entry(bed.standing()).or_default() += 1;
    }
    counts
}

// === impl BedMonth ===

impl BedMonth {
    /// Where it stands.
    pub fn standing(&self) -> Standing {
        if self.approval.is_some() {
            return Standing::Approved;
        }
        let verdict = self.proposal.verdict();
        verdict.map_or(Standing::Empty, Standing::Told)
    }

    /// Whether facts have arrived that its approval did not know of.
    pub fn is_outdated(&self) -> bool {
        let approval = self.approval.as_ref();
        approval.is_some_and(|approval| approval.read != self.proposal.read)
    }
}

// === impl Reconciled ===

impl Reconciled {
    /// Adds a bed, unless a count of it is missing.
    fn add(&mut self, proposal: &Proposal) {
        for line in &proposal.lines {
            let counts = line.opening.zip(line.closing).zip(line.expected());
            let Some(((opening, closing), expected)) = counts else {
                continue;
            };
            self.opening += opening.plants;
            self.flow += line.flow;
            self.expected += expected;
            self.closing += closing.plants;
            self.prior += line.prior;
            self.proposed += line.proposed();
        }
        self.remainder += proposal.remainder;
    }
}
