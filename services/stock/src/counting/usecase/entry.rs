//! What people enter in a count session, and withdraw.

use chrono::{DateTime, Utc};
use demeter_db::{begin, retry, write};

use super::Counting;
use super::session::locked;
use crate::beds::store::configurations;
use crate::catalog::domain::Kind;
use crate::counting::domain::session::{CountEntry, CountSession, SessionStatus, Sort};
use crate::counting::store::{entries, sessions, standing};
use crate::database::Tx;
use crate::error::{Error, Exists, Refusal};
use crate::ids::{CountSessionId, EntryId, LocationId};
use crate::invalid::Invalid;
use crate::ledger::domain::fact::Effective;
use crate::ledger::domain::quantity::Quantity;
use crate::places::store::locations;

/// What somebody counted.
#[derive(Clone, Debug)]
pub struct EnterCount {
    /// Chosen by who counted, so that a retry has one effect.
    pub id: EntryId,
    /// Digest of everything else.
    pub content_hash: String,
    /// In which session.
    pub session: CountSessionId,
    /// In which bed.
    pub location: LocationId,
    /// The product, and what it grows in.
    pub sort: Sort,
    /// How many.
    pub plants: Quantity,
    /// Free text.
    pub notes: String,
    /// When; now when `None`.
    pub counted_at: Option<DateTime<Utc>>,
}

/// An entry to be withdrawn.
#[derive(Clone, Copy, Debug)]
pub struct WithdrawCount {
    /// In which session.
    pub session: CountSessionId,
    /// Which.
    pub entry: EntryId,
}

// === impl Counting ===

impl Counting {
    /// Enters what somebody counted, once.
    pub async fn enter_count(&self, user: &str, command: &EnterCount) -> Result<CountEntry, Error> {
        retry(|| async {
            let tx = begin(self.connection()).await?;
            if let Some((entry, hash)) = entries::find(&tx, command.id).await? {
                if hash != command.content_hash {
                    return Err(Exists::RequestIdReused.into());
                }
                return Ok(entry);
            }
            let entry = self.enter(&tx, user, command).await?;
            tx.commit().await?;
            Ok(entry)
        })
        .await
    }

    /// Withdraws an entry of one's own. Again, it changes nothing.
    pub async fn withdraw_count(
        &self,
        user: &str,
        command: WithdrawCount,
    ) -> Result<CountEntry, Error> {
        write(self.connection(), |tx| async move {
            self.withdraw(&tx, user, command).await
        })
        .await
    }

    async fn enter(&self, tx: &Tx, user: &str, command: &EnterCount) -> Result<CountEntry, Error> {
        let session = open(tx, command.session).await?;
        let location = command.location;
        if !sessions::beds(tx, session.id).await?.contains(&location) {
            let problem = format!("must be a bed of the session, which {location} is not");
            return Err(Invalid::new("storage_location_id", problem).into());
        }
        let now = self.now();
        let counted = Effective::stated(command.counted_at, now, self.oldest);
        let counted = counted.map_err(|fault| Invalid {
            field: "counted_time".to_owned(),
            ..fault
        })?;
        let entry = CountEntry {
            id: command.id,
            session: session.id,
            location,
            kind: kind_of(tx, location, command.sort, counted.at).await?,
            plants: command.plants,
            notes: command.notes.clone(),
            user: user.to_owned(),
            counted_at: counted.at,
            created_at: now,
            withdrawn_at: None,
        };
        entries::insert(tx, &entry, &command.content_hash).await?;
        sessions::update(tx, &next(session)).await?;
        Ok(entry)
    }

    async fn withdraw(
        &self,
        tx: &Tx,
        user: &str,
        command: WithdrawCount,
    ) -> Result<CountEntry, Error> {
        let WithdrawCount { session, entry: id } = command;
        let session = open(tx, session).await?;
        let found = entries::find(tx, id).await?;
        let found = found.map(|(entry, _)| entry);
        let found = found.filter(|entry| entry.session == session.id);
        let entry = found.ok_or_else(|| Error::not_found("entry", id))?;
        if entry.user != user {
            return Err(Refusal::EntryOfAnother.into());
        }
        if entry.withdrawn_at.is_some() {
            return Ok(entry);
        }
        let now = self.now();
        entries::withdraw(tx, id, now).await?;
        sessions::update(tx, &next(session)).await?;
        Ok(CountEntry {
            withdrawn_at: Some(now),
            ..entry
        })
    }
}

/// A locked session, if it is open.
async fn open(tx: &Tx, id: CountSessionId) -> Result<CountSession, Error> {
    let session = locked(tx, id).await?;
    if session.status != SessionStatus::Open {
        return Err(Refusal::CountSessionClosed.into());
    }
    Ok(session)
}

/// The session after another change of its entries.
fn next(session: CountSession) -> CountSession {
    CountSession {
        revision: session.revision + 1,
        ..session
    }
}

/// What the plants of a sort are in a bed: as configured, else as most of them stood
/// there.
async fn kind_of(
    tx: &Tx,
    location: LocationId,
    sort: Sort,
    at: DateTime<Utc>,
) -> Result<Kind, Error> {
    let configuration = configurations::find(tx, location).await?;
    let lines = configuration.map(|configuration| configuration.crop.lines);
    let (product, packaging) = sort;
    if let Some(line) = lines
        .as_ref()
        .and_then(|lines| lines.fitting(product, packaging))
    {
        return Ok(Kind {
            packaging,
            ..line.kind
        });
    }
    if let Some(kind) = standing::main_kind_at(tx, location, sort, at).await? {
        return Ok(kind);
    }
    let Some(lines) = lines else {
        let bed = locations::find(tx, location).await;
        let bed = Error::found(bed, "storage location", location)?;
        return Err(Refusal::NoConfiguration(bed.code).into());
    };
    let line = lines.all().iter().find(|line| line.kind.product == product);
    Err(match line {
        None => Refusal::ProductMismatch {
            expected: lines.main().product.0,
            actual: product.0,
        },
        Some(line) => Refusal::PackagingMismatch {
            expected: line.kind.packaging.map_or(0, |packaging| packaging.0),
            actual: packaging.map_or(0, |packaging| packaging.0),
        },
    }
    .into())
}
