//! Approves what beds say was sold.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use demeter_db::{Key as _, once};

use super::propose::{BedMonth, bed_months};
use super::request::Once;
use super::{Months, open};
use crate::database::{RequestKey, StoreError, Tx};
use crate::error::{Beds, Error, Exists, Refusal};
use crate::ids::{BatchId, LocationId, MonthActId};
use crate::ledger::domain::batch::Batch;
use crate::ledger::domain::fact::{Effective, FactId};
use crate::ledger::domain::movement::{Draft, Movement, MovementType, Source, Ties};
use crate::ledger::domain::quantity::Change;
use crate::ledger::store::{batches, movements};
use crate::months::domain::act::{Act, Approval, Verb};
use crate::months::domain::month::Month;
use crate::months::domain::proposal::Verdict;
use crate::months::store::beds::{self, Bed};
use crate::months::store::{acts, approvals, carries};

/// Which beds to approve.
#[derive(Clone, Debug)]
pub struct Approve {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// The month.
    pub month: Month,
    /// The beds, each with the proposal that was read.
    pub beds: Vec<Named>,
}

/// A bed's proposal, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The bed.
    pub location: LocationId,
    /// The proposal's digest.
    pub digest: String,
}

/// Two lines of a batch that cancel: plants that come back, and plants that are sold;
/// or, of a reopening, the other way round.
pub(super) struct Pair {
    pub batch: BatchId,
    /// Plants that are sold; below zero when they are not.
    pub sold: Change,
    pub effective: Effective,
    pub allocated: bool,
}

/// Who writes pairs, and why.
pub(super) struct Hand<'a> {
    pub act: MonthActId,
    pub user: &'a str,
    pub reason: String,
    pub now: DateTime<Utc>,
}

// === impl Months ===

impl Months {
    /// Approves beds, all or none: what they say was sold is recorded as sold.
    pub async fn approve(&self, user: &str, command: &Approve) -> Result<Act, Error> {
        let key = Once::new(&command.key, Verb::Approve);
        let done = once(self.connection(), &key, |tx| async move {
            self.sell(&tx, user, command).await
        })
        .await?;
        Ok(done.answer)
    }

    async fn sell(&self, tx: &Tx, user: &str, command: &Approve) -> Result<Act, Error> {
        let named = command.beds.iter();
        let named: HashMap<_, _> = named.map(|bed| (bed.location, &bed.digest)).collect();
        let locked = lock(tx, named.keys().copied()).await?;
        if let Some(done) = Once::new(&command.key, Verb::Approve).answered(tx).await? {
            return Ok(done);
        }
        let opened = open(tx, command.month).await?;
        let now = self.now();
        let asked = self.asked(command.month, opened.rules());
        let beds = bed_months(tx, asked, locked).await?;
        check(&beds, &named)?;
        let hand = Hand {
            act: MonthActId(command.key.id.0),
            user,
            reason: format!("{}: sold, as approved", command.month),
            now,
        };
        let act = Act {
            id: hand.act,
            month: command.month,
            verb: Verb::Approve,
            beds: i64::try_from(beds.len()).unwrap_or(i64::MAX),
            sold: beds.iter().map(|bed| bed.proposal.sales()).sum(),
            user: user.to_owned(),
            at: now,
        };
        acts::insert(tx, &act, &command.key, "").await?;
        let pairs: Vec<Pair> = beds.iter().flat_map(pairs).collect();
        self.write(tx, &hand, &pairs).await?;
        let approved: Vec<Approval> = beds.iter().map(|bed| approval(bed, &act)).collect();
        approvals::insert(tx, command.month, &approved).await?;
        let settled: Vec<_> = beds.iter().flat_map(settled).collect();
        carries::insert(tx, act.id, &settled).await?;
        Ok(act)
    }

    /// Writes pairs: first the half that brings plants, so that no balance passes
    /// below zero. What batches hold does not change.
    pub(super) async fn write(
        &self,
        tx: &Tx,
        hand: &Hand<'_>,
        pairs: &[Pair],
    ) -> Result<(), Error> {
        let found = batches::some_of(tx, pairs.iter().map(|pair| pair.batch)).await?;
        let mut found: BTreeMap<BatchId, Batch> = found
            .into_iter()
            .map(|batch| (batch.origin().id, batch))
            .collect();
        let mut lines: Vec<Movement> = Vec::with_capacity(2 * pairs.len());
        for pair in pairs {
            let batch = found.get_mut(&pair.batch);
            let batch = batch.ok_or(StoreError::Corrupt("batch of a month"))?;
            for (movement_type, change) in pair.halves() {
                lines.push(batch.apply(self.draft(hand, pair, movement_type, change))?);
            }
        }
        Ok(movements::insert(tx, &lines).await?)
    }

    fn draft(
        &self,
        hand: &Hand<'_>,
        pair: &Pair,
        movement_type: MovementType,
        change: Change,
    ) -> Draft {
        Draft {
            id: self.next_movement(),
            movement_type,
            change,
            source: Source::Calculated,
            reason: hand.reason.clone(),
            fact: FactId::Month(hand.act),
            late_fact: None,
            allocated: pair.allocated,
            pots: 0,
            trades_pots: false,
            ties: Ties::default(),
            user: hand.user.to_owned(),
            effective: pair.effective,
            created_at: hand.now,
        }
    }
}

/// Locks beds, so that their facts wait; NOT_FOUND when there is one that is none.
pub(super) async fn lock(tx: &Tx, of: impl Iterator<Item = LocationId>) -> Result<Vec<Bed>, Error> {
    let mut ids: Vec<LocationId> = of.collect();
    ids.sort_unstable();
    ids.dedup();
    let locked = beds::lock(tx, Some(&ids)).await?;
    let missing = ids
        .iter()
        .find(|id| locked.iter().all(|bed| bed.id != **id));
    match missing {
        Some(missing) => Err(Error::not_found("storage location", *missing)),
        None => Ok(locked),
    }
}

/// Whether the beds may be approved as they were read.
fn check(beds: &[BedMonth], named: &HashMap<LocationId, &String>) -> Result<(), Error> {
    let those = |is: fn(&BedMonth) -> bool| codes(beds.iter().filter(|bed| is(bed)));
    if let Some(approved) = those(|bed| bed.approval.is_some()) {
        return Err(Exists::BedApproved(approved).into());
    }
    let outdated = |bed: &&BedMonth| {
        let read = named.get(&bed.bed.id);
        read.is_none_or(|digest| **digest != bed.proposal.digest)
    };
    if let Some(outdated) = codes(beds.iter().filter(outdated)) {
        return Err(Refusal::ProposalOutdated(outdated).into());
    }
    let gap = [Some(Verdict::NoOpening), Some(Verdict::NoClosing)];
    if let Some(gaps) = codes(
        beds.iter()
            .filter(|bed| gap.contains(&bed.proposal.verdict())),
    ) {
        return Err(Refusal::NotReconcilable(gaps).into());
    }
    let wrong = |bed: &&BedMonth| {
        bed.proposal
            .verdict()
            .is_some_and(|it| it != Verdict::Ready)
    };
    if let Some(wrong) = codes(beds.iter().filter(wrong)) {
        return Err(Refusal::NeedsReview(wrong).into());
    }
    Ok(())
}

/// What people call these beds; `None` when there are none.
pub(super) fn codes<'a>(beds: impl Iterator<Item = &'a BedMonth>) -> Option<Beds> {
    let codes: Vec<String> = beds.map(|bed| bed.bed.code.clone()).collect();
    (!codes.is_empty()).then_some(Beds(codes))
}

fn approval(bed: &BedMonth, act: &Act) -> Approval {
    Approval {
        act: act.id,
        location: bed.bed.id,
        sold: bed.proposal.sales(),
        read: bed.proposal.read.clone(),
        user: act.user.clone(),
        at: act.at,
    }
}

/// What a bed's approval settles of closed months.
fn settled(bed: &BedMonth) -> impl Iterator<Item = (LocationId, BatchId, i64)> {
    let lines = bed.proposal.lines.iter().filter(|line| line.prior != 0);
    lines.map(|line| (bed.bed.id, line.first, line.prior))
}

/// What a bed's approval writes.
fn pairs(bed: &BedMonth) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for line in &bed.proposal.lines {
        let Some(closing) = line.closing else {
            continue;
        };
        for (batch, plants) in &line.sales {
            let Some(sold) = Change::new(*plants) else {
                continue;
            };
            pairs.push(Pair {
                batch: *batch,
                sold,
                effective: closing.effective,
                allocated: line.allocated,
            });
        }
    }
    pairs
}

// === impl Pair ===

impl Pair {
    /// In the order of recording.
    fn halves(&self) -> [(MovementType, Change); 2] {
        let explained = (MovementType::Ajuste, self.sold);
        let sale = (MovementType::Ventas, self.sold.reversed());
        if self.sold.is_inbound() {
            [explained, sale]
        } else {
            [sale, explained]
        }
    }
}
