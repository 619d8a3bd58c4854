//! Opens a month.

use demeter_db::{Key as _, once};

use super::request::Once;
use super::{Months, closed};
use crate::database::{RequestKey, Tx};
use crate::error::{Error, Exists, Refusal};
use crate::ids::MonthActId;
use crate::ledger::store::closed_months;
use crate::months::domain::act::{Act, Opened, Verb};
use crate::months::domain::month::Month;
use crate::months::store::{acts, months};

/// Which month to open.
#[derive(Clone, Debug)]
pub struct Open {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// The month.
    pub month: Month,
}

// === impl Months ===

impl Months {
    /// Opens a month: its limits are kept as the nursery's clocks show them now.
    pub async fn open(&self, user: &str, command: &Open) -> Result<Opened, Error> {
        let key = Once::new(&command.key, Verb::Open);
        once(self.connection(), &key, |tx| async move {
            self.begin(&tx, user, command).await
        })
        .await?;
        self.find(command.month).await
    }

    /// A month that was opened.
    pub async fn find(&self, month: Month) -> Result<Opened, Error> {
        let found = months::find(self.connection(), month).await;
        Error::found(found, "opened month", month)
    }

    async fn begin(&self, tx: &Tx, user: &str, command: &Open) -> Result<Act, Error> {
        let month = command.month;
        let now = self.now();
        let period = month.period(self.calendar.zone);
        if period.starts >= now {
            return Err(Refusal::MonthNotBegun(month.to_string()).into());
        }
        if months::find(tx, month).await?.is_some() {
            let done = Once::new(&command.key, Verb::Open).answered(tx).await?;
            return done.ok_or_else(|| Exists::MonthOpened(month.to_string()).into());
        }
        if let Some(last) = closed_months::last(tx).await?
            && last.month > month.key()
        {
            return Err(closed(&last)?.into());
        }
        let opened = Opened {
            month,
            period,
            closing_within: self.calendar.closing_within,
            by: user.to_owned(),
            at: now,
            closed: None,
        };
        months::insert(tx, &opened).await?;
        let act = Act {
            id: MonthActId(command.key.id.0),
            month,
            verb: Verb::Open,
            beds: 0,
            sold: 0,
            user: user.to_owned(),
            at: now,
        };
        acts::insert(tx, &act, &command.key, "").await?;
        Ok(act)
    }
}
