//! Posts a count session: what was counted of a product in a bed becomes a count by
//! hand.

use demeter_db::write;

use super::Counting;
use super::session::locked;
use crate::beds::domain::bin::LockedLocation;
use crate::beds::store::locations as beds;
use crate::counting::domain::session::{
    Closed, CountSession, Counted, CountedBed, Line, SessionStatus, covers,
};
use crate::counting::store::{lines, sessions};
use crate::database::{StoreError, Tx};
use crate::error::{Changed, Error, Refusal};
use crate::ids::{CountSessionId, HandCountId, LocationId};
use crate::ledger::domain::count::HandCount;
use crate::ledger::domain::fact::{Effective, TimeSource};

/// A session to be posted.
#[derive(Clone, Debug)]
pub struct PostSession {
    /// Which.
    pub id: CountSessionId,
    /// The etag that it was read with.
    pub etag: String,
}

// === impl Counting ===

impl Counting {
    /// Posts a session, all of its beds or none, and once: again, it answers the same.
    pub async fn post_session(
        &self,
        user: &str,
        command: &PostSession,
    ) -> Result<(CountSession, Vec<CountedBed>), Error> {
        write(self.connection(), |tx| async move {
            self.post(&tx, user, command).await
        })
        .await
    }

    async fn post(
        &self,
        tx: &Tx,
        user: &str,
        command: &PostSession,
    ) -> Result<(CountSession, Vec<CountedBed>), Error> {
        let session = locked(tx, command.id).await?;
        match session.status {
            SessionStatus::Open => {}
            SessionStatus::Cancelled(_) => return Err(Refusal::CountSessionClosed.into()),
            SessionStatus::Posted(_) => {
                let beds = self.beds_of(tx, &session).await?;
                return Ok((session, beds));
            }
        }
        if session.etag() != command.etag {
            return Err(Changed::CountSession.into());
        }
        // All of them, in the order of their keys, before any of them is looked at.
        let of = sessions::beds(tx, session.id).await?;
        let locked = beds::lock_all(tx, &of).await?;
        let counted = self.beds_of(tx, &session).await?;
        let counted = counted.into_iter().filter(|bed| bed.counted_at.is_some());
        let counted: Vec<CountedBed> = counted.collect();
        if counted.is_empty() {
            return Err(Refusal::NothingCounted.into());
        }
        for bed in counted {
            let location = active(&locked, bed.location)?;
            self.post_bed(tx, user, session.id, (location, bed)).await?;
        }
        let posted = CountSession {
            status: SessionStatus::Posted(Closed {
                at: self.now(),
                by: user.to_owned(),
            }),
            ..session
        };
        sessions::update(tx, &posted).await?;
        let beds = self.beds_of(tx, &posted).await?;
        Ok((posted, beds))
    }

    /// Posts what was counted in a bed, and keeps what it was posted as.
    async fn post_bed(
        &self,
        tx: &Tx,
        user: &str,
        session: CountSessionId,
        (location, bed): (&LockedLocation, CountedBed),
    ) -> Result<(), Error> {
        let mut posted = Vec::with_capacity(bed.lines.len());
        for line in &bed.lines {
            let Some((at, counted)) = bed.counted_at.zip(line.counted) else {
                continue;
            };
            let count = HandCount {
                id: HandCountId(self.ids.next()),
                location: bed.location,
                kind: counted.kind,
                plants: counted.plants,
                covers: covers(line, &bed.lines),
                effective: Effective {
                    at,
                    source: TimeSource::Stated,
                },
                user: user.to_owned(),
            };
            self.ledger.post_hand_count(tx, location, &count).await?;
            posted.push(Line {
                counted: Some(Counted {
                    posted: Some(count.id),
                    ..counted
                }),
                ..line.clone()
            });
        }
        let bed = CountedBed {
            lines: posted,
            ..bed
        };
        Ok(lines::insert(tx, session, &bed).await?)
    }
}

/// One of the locked beds, if it is still used.
fn active(locked: &[LockedLocation], id: LocationId) -> Result<&LockedLocation, Error> {
    let bed = locked.iter().find(|bed| bed.id == id);
    let bed = bed.ok_or(StoreError::Corrupt("bed of a count session"))?;
    if !bed.active {
        return Err(Refusal::LocationInactive(bed.code.clone()).into());
    }
    Ok(bed)
}
