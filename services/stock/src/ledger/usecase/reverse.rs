//! Takes back a movement that somebody entered.

use chrono::{DateTime, Utc};
use demeter_db::{Once, once};

use super::Ledger;
use super::answer::Done;
use super::enter::{Item, When};
use super::target::Target;
use crate::database::{RequestKey, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{MovementId, TransferId};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::{Entry, Movement};
use crate::ledger::store::movements;

/// What is taken back.
#[derive(Clone, Debug)]
pub struct Reverse {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// The movement, or one half of a transplant.
    pub movement: MovementId,
    /// Why.
    pub reason: String,
    /// When the opposite takes effect; when the movement did when `None`.
    pub effective_at: Option<DateTime<Utc>>,
}

// === impl Ledger ===

impl Ledger {
    /// Enters the opposite of a movement, linked to it; of a transplant the opposite of
    /// all of it. Unless told otherwise it takes effect when the movement did, as if that
    /// had never been: counts since then keep their number.
    pub async fn reverse(&self, user: &str, command: &Reverse) -> Result<Once<Vec<Effect>>, Error> {
        let done = once(self.connection(), &command.key, |tx| async move {
            self.take_back(&tx, user, command).await
        })
        .await?;
        Ok(done.map(Done::into_effects))
    }

    async fn take_back(&self, tx: &Tx, user: &str, command: &Reverse) -> Result<Done, Error> {
        let found = movements::find(tx, command.movement).await;
        let movement = Error::found(found, "movement", command.movement)?;
        let whole = match movement.ties.transfer {
            Some(transfer) => movements::of_transfer(tx, transfer).await?,
            None => vec![movement],
        };
        for line in &whole {
            may_be_taken_back(tx, line).await?;
        }
        let transfer = whole
            .first()
            .and_then(|line| line.ties.transfer)
            .map(|_| TransferId(self.ids.next()));
        let items = whole.iter().map(|line| {
            Ok(Item {
                location: line.location,
                target: Target::Batch(line.batch),
                entry: Entry::reversal(line, transfer, &command.reason),
                when: match command.effective_at {
                    None => When::As(line.effective),
                    stated => When::Stated(stated),
                },
            })
        });
        let entered = self.enter_all(tx, user, items.collect()).await?;
        let effects: Vec<Vec<Effect>> = entered.into_iter().collect::<Result<_, _>>()?;
        Ok(Done::one(self.now(), effects.into_iter().flatten()))
    }
}

/// Refuses what has a way of its own, and what was taken back already.
async fn may_be_taken_back(tx: &Tx, line: &Movement) -> Result<(), Error> {
    if !line.is_entered() {
        return Err(Refusal::NotReversible(line.id, line.movement_type.code()).into());
    }
    if line.ties.reverses.is_some() {
        return Err(Refusal::IsReversal(line.id).into());
    }
    if let Some(by) = movements::reversal_of(tx, line.id).await? {
        return Err(Refusal::ReversedAlready(by).into());
    }
    Ok(())
}
