//! Opens, reads, and gives up count sessions.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use demeter_db::{begin, retry, write};

use super::Counting;
use crate::beds::store::locations as beds;
use crate::counting::domain::session::{
    Closed, CountEntry, CountSession, CountedBed, SessionStatus, tally,
};
use crate::counting::store::{entries, lines, sessions, standing};
use crate::database::{StoreError, Tx};
use crate::error::{Error, Exists, Refusal};
use crate::ids::{CountSessionId, LocationId};
use crate::invalid::Invalid;
use crate::places::store::locations;

/// Beds to be counted.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Chosen by who opens it, so that a retry has one effect.
    pub id: CountSessionId,
    /// Digest of everything else.
    pub content_hash: String,
    /// For people.
    pub name: String,
    /// Free text.
    pub notes: String,
    /// The beds, each once.
    pub beds: Vec<LocationId>,
    /// Those who count are not told what is expected.
    pub blind: bool,
}

// === impl Counting ===

impl Counting {
    /// Opens a session once.
    pub async fn open_session(
        &self,
        user: &str,
        command: &OpenSession,
    ) -> Result<CountSession, Error> {
        retry(|| async {
            let tx = begin(self.connection()).await?;
            if let Some((session, hash)) = sessions::find(&tx, command.id).await? {
                if hash != command.content_hash {
                    return Err(Exists::RequestIdReused.into());
                }
                return Ok(session);
            }
            check_beds(&tx, &command.beds).await?;
            let session = CountSession {
                id: command.id,
                name: command.name.clone(),
                notes: command.notes.clone(),
                blind: command.blind,
                status: SessionStatus::Open,
                revision: 1,
                opened_by: user.to_owned(),
                created_at: self.now(),
            };
            sessions::insert(&tx, &session, &command.content_hash, &command.beds).await?;
            tx.commit().await?;
            Ok(session)
        })
        .await
    }

    /// Gives a session up. Cancelling a cancelled one changes nothing.
    pub async fn cancel_session(
        &self,
        user: &str,
        id: CountSessionId,
    ) -> Result<CountSession, Error> {
        write(self.connection(), |tx| async move {
            let session = locked(&tx, id).await?;
            match session.status {
                SessionStatus::Open => {}
                SessionStatus::Cancelled(_) => return Ok(session),
                SessionStatus::Posted(_) => return Err(Refusal::CountSessionClosed.into()),
            }
            let cancelled = CountSession {
                status: SessionStatus::Cancelled(Closed {
                    at: self.now(),
                    by: user.to_owned(),
                }),
                ..session
            };
            sessions::update(&*tx, &cancelled).await?;
            Ok(cancelled)
        })
        .await
    }

    /// A session and its beds, by code.
    pub async fn session(
        &self,
        id: CountSessionId,
    ) -> Result<(CountSession, Vec<CountedBed>), Error> {
        let tx = begin(self.connection()).await?;
        let session = Error::found(sessions::find(&tx, id).await, "count session", id)?.0;
        let beds = self.beds_of(&tx, &session).await?;
        Ok((session, beds))
    }

    /// The beds of a session: as they were posted, else as they stand.
    pub(super) async fn beds_of(
        &self,
        tx: &Tx,
        session: &CountSession,
    ) -> Result<Vec<CountedBed>, Error> {
        let mut posted = lines::of_session(tx, session.id).await?;
        let mut entered = entered(tx, session.id).await?;
        let mut beds = Vec::new();
        for (location, code) in codes(tx, session.id).await? {
            let entries = entered.remove(&location).unwrap_or_default();
            let bed = match (&session.status, posted.remove(&location)) {
                (SessionStatus::Posted(_), Some(bed)) => bed,
                (SessionStatus::Posted(_), None) => untouched(location),
                _ => counted(tx, session, location, &entries, self.now()).await?,
            };
            beds.push(CountedBed { code, ..bed });
        }
        beds.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(beds)
    }
}

/// A locked session.
pub(super) async fn locked(tx: &Tx, id: CountSessionId) -> Result<CountSession, Error> {
    Error::found(sessions::lock(tx, id).await, "count session", id)
}

/// What counts of a session's entries, by bed.
async fn entered(
    tx: &Tx,
    id: CountSessionId,
) -> Result<HashMap<LocationId, Vec<CountEntry>>, StoreError> {
    let mut beds: HashMap<LocationId, Vec<CountEntry>> = HashMap::new();
    for entry in entries::that_count(tx, id).await? {
        beds.entry(entry.location).or_default().push(entry);
    }
    Ok(beds)
}

/// The beds of a session, and what people call them.
async fn codes(tx: &Tx, id: CountSessionId) -> Result<BTreeMap<LocationId, String>, StoreError> {
    let beds = sessions::beds(tx, id).await?;
    let places = locations::codes(tx, &beds).await?;
    Ok(places.into_iter().collect())
}

/// A bed as people count it: what the ledger says stood there when it was last counted,
/// or stands there now, beside what they entered.
async fn counted(
    tx: &Tx,
    session: &CountSession,
    location: LocationId,
    entries: &[CountEntry],
    now: DateTime<Utc>,
) -> Result<CountedBed, StoreError> {
    let last = entries.iter().map(|entry| entry.counted_at).max();
    let expected = standing::sorts_at(tx, location, last.unwrap_or(now)).await?;
    let movements_meanwhile = match last {
        None => 0,
        Some(last) => standing::movements_between(tx, location, session.created_at, last).await?,
    };
    Ok(CountedBed {
        location,
        code: String::new(),
        counted_at: last,
        lines: tally(&expected, entries),
        movements_meanwhile,
    })
}

/// A bed that nobody counted before its session was posted.
const fn untouched(location: LocationId) -> CountedBed {
    CountedBed {
        location,
        code: String::new(),
        counted_at: None,
        lines: Vec::new(),
        movements_meanwhile: 0,
    }
}

/// Fails unless all of these are beds in use, and names those that are not.
async fn check_beds(tx: &Tx, of: &[LocationId]) -> Result<(), Error> {
    let known = beds::lock_all(tx, of).await?;
    let known: HashMap<LocationId, _> = known.iter().map(|bed| (bed.id, bed)).collect();
    let fault = |(number, id): (usize, &LocationId)| {
        let problem = match known.get(id) {
            None => format!("there is no storage location {id}: leave it out"),
            Some(bed) if !bed.active => {
                format!("location {} is not active: leave it out", bed.code)
            }
            Some(_) => return None,
        };
        let field = format!("storage_location_ids[{number}]");
        Some(Invalid::new(field, problem))
    };
    let faults: Vec<Invalid> = of.iter().enumerate().filter_map(fault).take(20).collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(faults))
}
