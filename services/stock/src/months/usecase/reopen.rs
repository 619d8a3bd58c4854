//! Takes approvals back.

use demeter_db::{Key as _, once};

use super::approve::{Hand, Pair, lock};
use super::request::Once;
use super::{Months, open};
use crate::database::{RequestKey, Tx};
use crate::error::{Beds, Error, Refusal};
use crate::ids::{LocationId, MonthActId};
use crate::ledger::domain::movement::{Movement, MovementType};
use crate::months::domain::act::{Act, Verb};
use crate::months::domain::month::Month;
use crate::months::store::{acts, approvals};

/// Which approvals to take back.
#[derive(Clone, Debug)]
pub struct Reopen {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// The month.
    pub month: Month,
    /// The beds.
    pub beds: Vec<LocationId>,
    /// Why.
    pub reason: String,
}

// === impl Months ===

impl Months {
    /// Takes the approvals of beds back, all or none: what they recorded as sold is
    /// not sold.
    pub async fn reopen(&self, user: &str, command: &Reopen) -> Result<Act, Error> {
        let key = Once::new(&command.key, Verb::Reopen);
        let done = once(self.connection(), &key, |tx| async move {
            self.take_back(&tx, user, command).await
        })
        .await?;
        Ok(done.answer)
    }

    async fn take_back(&self, tx: &Tx, user: &str, command: &Reopen) -> Result<Act, Error> {
        let locked = lock(tx, command.beds.iter().copied()).await?;
        if let Some(done) = Once::new(&command.key, Verb::Reopen).answered(tx).await? {
            return Ok(done);
        }
        let month = open(tx, command.month).await?.month;
        let now = self.now();
        let ids: Vec<LocationId> = locked.iter().map(|bed| bed.id).collect();
        let standing = approvals::standing(tx, month, &ids).await?;
        let open = locked.iter().filter(|bed| !standing.contains_key(&bed.id));
        let open: Vec<String> = open.map(|bed| bed.code.clone()).collect();
        if !open.is_empty() {
            return Err(Refusal::BedNotApproved(Beds(open)).into());
        }
        let mut taken: Vec<MonthActId> = standing.values().map(|approval| approval.act).collect();
        taken.sort_unstable();
        taken.dedup();
        let lines = approvals::lines(tx, &taken, &ids).await?;
        let pairs: Vec<Pair> = lines.iter().filter_map(opposite).collect();
        let act = Act {
            id: MonthActId(command.key.id.0),
            month,
            verb: Verb::Reopen,
            beds: i64::try_from(locked.len()).unwrap_or(i64::MAX),
            sold: pairs.iter().map(|pair| pair.sold.get()).sum(),
            user: user.to_owned(),
            at: now,
        };
        acts::insert(tx, &act, &command.key, &command.reason).await?;
        let hand = Hand {
            act: act.id,
            user,
            reason: format!("{month}: approval taken back: {}", command.reason),
            now,
        };
        self.write(tx, &hand, &pairs).await?;
        approvals::take_back(tx, month, &ids, act.id).await?;
        Ok(act)
    }
}

/// The pair that undoes the pair of a sale.
fn opposite(line: &Movement) -> Option<Pair> {
    (line.movement_type == MovementType::Ventas).then_some(Pair {
        batch: line.batch,
        sold: line.change,
        effective: line.effective,
        allocated: line.allocated,
    })
}
