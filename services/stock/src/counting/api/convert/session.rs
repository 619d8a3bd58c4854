//! `count_session.proto`.

use demeter_proto::stock::v1 as pb;

use crate::counting::domain::session::{CountEntry, CountSession, CountedBed, Line, SessionStatus};
use crate::counting::store::sessions::{CANCELLED, OPEN, POSTED};
use crate::counting::usecase::{EnterCount, OpenSession, PostSession, WithdrawCount};
use crate::grpc::fields::{instant, key, request_key, timestamp};
use crate::ids::{CountSessionId, EntryId, LocationId, PackagingId, ProductId};
use crate::invalid::Invalid;
use crate::ledger::api::plants;
use crate::ledger::domain::quantity::Quantity;

impl From<CountSession> for pb::CountSession {
    fn from(session: CountSession) -> Self {
        let etag = session.etag();
        let CountSession {
            id,
            name,
            notes,
            blind,
            status,
            revision: _,
            opened_by,
            created_at,
        } = session;
        let (status, closed) = match status {
            SessionStatus::Open => (pb::CountSessionStatus::Open, None),
            SessionStatus::Posted(closed) => (pb::CountSessionStatus::Posted, Some(closed)),
            SessionStatus::Cancelled(closed) => (pb::CountSessionStatus::Cancelled, Some(closed)),
        };
        let close_time = closed.as_ref().map(|closed| timestamp(closed.at));
        Self {
            count_session_id: id.to_string(),
            name,
            notes,
            blind,
            status: status.into(),
            etag,
            opened_user_id: opened_by,
            create_time: Some(timestamp(created_at)),
            closed_user_id: closed.map(|closed| closed.by).unwrap_or_default(),
            close_time,
        }
    }
}

/// A bed as it is told; what is expected only where that is not kept from who asks.
pub fn bed(bed: CountedBed, tells_expected: bool) -> pb::CountedBed {
    let CountedBed {
        location,
        code,
        counted_at,
        lines,
        movements_meanwhile,
    } = bed;
    let told = |line: &&Line| tells_expected || line.counted.is_some();
    let lines = lines.iter().filter(told);
    pb::CountedBed {
        storage_location_id: location.0,
        code,
        counted_time: counted_at.map(timestamp),
        kinds: lines.map(|line| kind(line, tells_expected)).collect(),
        movements_meanwhile: i32::try_from(movements_meanwhile).unwrap_or(i32::MAX),
    }
}

fn kind(line: &Line, tells_expected: bool) -> pb::CountedKind {
    let (product, packaging) = line.sort;
    let posted = line.counted.and_then(|counted| counted.posted);
    pb::CountedKind {
        product_id: product.0,
        packaging_id: packaging.map(|packaging| packaging.0),
        expected: tells_expected.then(|| plants(line.expected)),
        counted: line.counted.map(|counted| plants(counted.plants)),
        unchanged: tells_expected && line.is_unchanged(),
        manual_count_id: posted.map(|id| id.to_string()),
    }
}

impl From<CountEntry> for pb::CountEntry {
    fn from(entry: CountEntry) -> Self {
        let CountEntry {
            id,
            session,
            location,
            kind,
            plants: counted,
            notes,
            user,
            counted_at,
            created_at,
            withdrawn_at,
        } = entry;
        let (product_id, product_state_id, product_size_id, packaging_id) = kind.keys();
        Self {
            count_entry_id: id.to_string(),
            count_session_id: session.to_string(),
            storage_location_id: location.0,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            plants: plants(counted),
            notes,
            user_id: user,
            counted_time: Some(timestamp(counted_at)),
            create_time: Some(timestamp(created_at)),
            withdraw_time: withdrawn_at.map(timestamp),
        }
    }
}

/// A session as a request names it.
pub fn session_id(text: &str) -> Result<CountSessionId, Invalid> {
    Ok(CountSessionId(key("count_session_id", text)?))
}

/// A status as it is stored; `None` for any.
pub fn status(value: i32) -> Option<&'static str> {
    match pb::CountSessionStatus::try_from(value) {
        Ok(pb::CountSessionStatus::Open) => Some(OPEN),
        Ok(pb::CountSessionStatus::Posted) => Some(POSTED),
        Ok(pb::CountSessionStatus::Cancelled) => Some(CANCELLED),
        // The proto's rules let no other number through.
        Ok(pb::CountSessionStatus::Unspecified) | Err(_) => None,
    }
}

impl TryFrom<pb::OpenCountSessionRequest> for OpenSession {
    type Error = Invalid;

    fn try_from(mut request: pb::OpenCountSessionRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.request_id);
        let key = request_key("open_count_session", &id, &request)?;
        let pb::OpenCountSessionRequest {
            request_id: _,
            name,
            storage_location_ids,
            blind,
            notes,
        } = request;
        Ok(Self {
            id: CountSessionId(key.id.0),
            content_hash: key.content_hash,
            name,
            notes,
            beds: storage_location_ids.into_iter().map(LocationId).collect(),
            blind,
        })
    }
}

impl TryFrom<pb::EnterCountRequest> for EnterCount {
    type Error = Invalid;

    fn try_from(mut request: pb::EnterCountRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.request_id);
        let key = request_key("enter_count", &id, &request)?;
        let pb::EnterCountRequest {
            request_id: _,
            count_session_id,
            storage_location_id,
            product_id,
            packaging_id,
            plants,
            notes,
            counted_time,
        } = request;
        let counted_at = counted_time.map(|time| instant("counted_time", Some(time)));
        let fault = || Invalid::new("plants", "must not be below 0");
        Ok(Self {
            id: EntryId(key.id.0),
            content_hash: key.content_hash,
            session: session_id(&count_session_id)?,
            location: LocationId(storage_location_id),
            sort: (ProductId(product_id), packaging_id.map(PackagingId)),
            plants: Quantity::new(plants.into()).ok_or_else(fault)?,
            notes,
            counted_at: counted_at.transpose()?,
        })
    }
}

impl TryFrom<pb::WithdrawCountRequest> for WithdrawCount {
    type Error = Invalid;

    fn try_from(request: pb::WithdrawCountRequest) -> Result<Self, Invalid> {
        Ok(Self {
            session: session_id(&request.count_session_id)?,
            entry: EntryId(key("count_entry_id", &request.count_entry_id)?),
        })
    }
}

impl TryFrom<pb::PostCountSessionRequest> for PostSession {
    type Error = Invalid;

    fn try_from(request: pb::PostCountSessionRequest) -> Result<Self, Invalid> {
        Ok(Self {
            id: session_id(&request.count_session_id)?,
            etag: request.etag,
        })
    }
}
