//! Closes a month for good.

use demeter_db::{Key as _, once};

use super::approve::codes;
use super::propose::{BedMonth, Standing, bed_months};
use super::request::Once;
use super::{Months, open};
use crate::database::{RequestKey, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{BatchId, MonthActId};
use crate::ledger::store::closed_months::{self, ClosedMonth};
use crate::months::domain::act::{Act, Opened, Verb};
use crate::months::domain::month::Month;
use crate::months::domain::proposal::{KindLine, Verdict};
use crate::months::store::{acts, beds, carries, months};

/// Which month to close.
#[derive(Clone, Debug)]
pub struct Close {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// The month.
    pub month: Month,
    /// Although beds are ready that nobody approved.
    pub leave_unapproved: bool,
}

// === impl Months ===

impl Months {
    /// Closes a month for good: the ledger takes nothing of it any more.
    pub async fn close(&self, user: &str, command: &Close) -> Result<Opened, Error> {
        let key = Once::new(&command.key, Verb::Close);
        once(self.connection(), &key, |tx| async move {
            self.end(&tx, user, command).await
        })
        .await?;
        self.find(command.month).await
    }

    async fn end(&self, tx: &Tx, user: &str, command: &Close) -> Result<Act, Error> {
        let locked = beds::lock(tx, None).await?;
        if let Some(done) = Once::new(&command.key, Verb::Close).answered(tx).await? {
            return Ok(done);
        }
        let opened = open(tx, command.month).await?;
        let now = self.now();
        if now <= opened.period.ends {
            return Err(Refusal::MonthNotOver(opened.month.to_string()).into());
        }
        let earlier = months::before(tx, opened.month).await?;
        if let Some(open) = earlier.iter().find(|month| month.closed.is_none()) {
            return Err(Refusal::EarlierMonthOpen(open.month.to_string()).into());
        }
        let asked = self.asked(opened.month, opened.rules());
        let beds = bed_months(tx, asked, locked).await?;
        let left = codes(beds.iter().filter(|bed| is_left(bed)));
        if let Some(left) = left.filter(|_| !command.leave_unapproved) {
            return Err(Refusal::MonthNotApproved(left).into());
        }
        let act = Act {
            id: MonthActId(command.key.id.0),
            month: opened.month,
            verb: Verb::Close,
            beds: 0,
            sold: 0,
            user: user.to_owned(),
            at: now,
        };
        acts::insert(tx, &act, &command.key, "").await?;
        let closed = ClosedMonth {
            month: opened.month.key(),
            ends_at: opened.period.ends,
            closed_by: user.to_owned(),
            closed_at: now,
        };
        closed_months::insert(tx, closed).await?;
        let lacking: Vec<_> = beds.iter().flat_map(lacking).collect();
        carries::insert_remainders(tx, opened.month, &lacking).await?;
        Ok(act)
    }
}

/// What the kinds of a bed lack still, or have too much: a fact that changes it later
/// is a late one.
fn lacking(bed: &BedMonth) -> impl Iterator<Item = (BatchId, i64)> {
    let own = |line: &KindLine| Some((line.first, line.own()?));
    let lacking = bed.proposal.lines.iter().filter_map(own);
    lacking.filter(|(_, plants)| *plants != 0)
}

/// Whether a bed's sales would be lost.
fn is_left(bed: &BedMonth) -> bool {
    let ready = bed.standing() == Standing::Told(Verdict::Ready);
    ready && bed.proposal.sales() > 0 || bed.is_outdated()
}
