//! The month-end: October 2026, whose last day is today.

mod approving;
mod closing;
mod proposing;
mod sales;
mod speed;
mod timeline;

use chrono::{DateTime, Duration, Utc};
use demeter_proto::stock::v1 as pb;
use prost_types::Timestamp;
use tonic::{Request, Status};

use crate::harness::{Bed, Stock, noon};
use crate::ledger::photo_counts::{a_count, post};

/// What a supervisor may do.
pub(crate) const SUPERVISOR: [&str; 4] = [
    "stock:read",
    "stock:write",
    "stock:delete",
    "analytics:read",
];

/// Plants in this state are sold.
pub(crate) const ADULT: i32 = 5;

pub(crate) const YEAR: i32 = 2026;
pub(crate) const OCTOBER: i32 = 10;

/// The last day of September, and so the day of the opening counts.
pub(crate) const OPENING: i64 = -31;
/// The last day of October.
pub(crate) const CLOSING: i64 = 0;

/// Noon, some days from 31 October.
pub(crate) fn day(days: i64) -> DateTime<Utc> {
    noon() + Duration::days(days)
}

pub(crate) fn at(days: i64) -> Timestamp {
    Timestamp {
        seconds: day(days).timestamp(),
        nanos: 0,
    }
}

pub(crate) fn ask<T>(stock: &Stock, message: T) -> Request<T> {
    stock.as_user(message, &SUPERVISOR)
}

/// Moves the clock on to noon of a day.
pub(crate) fn it_is(stock: &Stock, today: i64) {
    stock.clock.advance(day(today) - stock.clock.now());
}

/// Beds that are configured for a product whose plants may be sold.
pub(crate) async fn given_beds(stock: &Stock, count: u8) -> Vec<Bed> {
    let product = stock.given_a_product("Echeveria").await;
    let mut beds = Vec::new();
    for location in stock.given_locations(count).await {
        let bed = Bed {
            location,
            product,
            state: ADULT,
        };
        stock.configure(bed).await;
        beds.push(bed);
    }
    beds
}

/// Counts a bed by a photo, and tells the batch that has the plants.
pub(crate) async fn photo(stock: &Stock, bed: Bed, plants: i32, taken: i64) -> String {
    let count = pb::PostPhotoCountRequest {
        observed_time: Some(at(taken)),
        ..a_count(stock, bed, plants, 0)
    };
    let posted = post(stock, &count).await.unwrap();
    posted.batch.map(|batch| batch.batch_id).unwrap_or_default()
}

pub(crate) async fn enter(
    stock: &Stock,
    batch: &str,
    movement_type: pb::MovementType,
    quantity: i32,
    happened: i64,
) -> Result<pb::CreateMovementResponse, Status> {
    let request = pb::CreateMovementRequest {
        request_id: stock.id(),
        batch_id: batch.to_owned(),
        movement_type: movement_type.into(),
        quantity,
        reason_description: "because".to_owned(),
        effective_time: Some(at(happened)),
        ..Default::default()
    };
    let entered = stock
        .movements()
        .create_movement(stock.ask(request))
        .await?;
    Ok(entered.into_inner())
}

pub(crate) async fn open(stock: &Stock) -> pb::Month {
    let request = pb::OpenMonthRequest {
        request_id: stock.id(),
        year: YEAR,
        month: OCTOBER,
    };
    let opened = stock.months().open_month(ask(stock, request)).await;
    opened.unwrap().into_inner().month.unwrap()
}

/// All beds of October.
pub(crate) async fn proposals(stock: &Stock) -> Vec<pb::BedProposal> {
    proposals_of(stock, YEAR, OCTOBER).await
}

pub(crate) async fn proposals_of(stock: &Stock, year: i32, month: i32) -> Vec<pb::BedProposal> {
    let request = pb::ListBedProposalsRequest {
        year,
        month,
        page_size: 2_000,
        ..Default::default()
    };
    let listed = stock.months().list_bed_proposals(ask(stock, request)).await;
    listed.unwrap().into_inner().beds
}

/// The proposal of the only bed.
pub(crate) async fn proposal(stock: &Stock) -> pb::BedProposal {
    let mut beds = proposals(stock).await;
    assert_eq!(beds.len(), 1);
    beds.remove(0)
}

/// An approval of beds as they were read.
pub(crate) fn an_approval(stock: &Stock, beds: &[pb::BedProposal]) -> pb::ApproveBedsRequest {
    let named = beds.iter().map(|bed| pb::BedApproval {
        storage_location_id: bed.storage_location_id,
        digest: bed.digest.clone(),
    });
    pb::ApproveBedsRequest {
        request_id: stock.id(),
        year: YEAR,
        month: OCTOBER,
        beds: named.collect(),
    }
}

pub(crate) async fn approve(
    stock: &Stock,
    request: &pb::ApproveBedsRequest,
) -> Result<pb::ApproveBedsResponse, Status> {
    let approved = stock
        .months()
        .approve_beds(ask(stock, request.clone()))
        .await?;
    Ok(approved.into_inner())
}

pub(crate) fn a_reopening(stock: &Stock, beds: &[Bed]) -> pb::ReopenBedsRequest {
    pb::ReopenBedsRequest {
        request_id: stock.id(),
        year: YEAR,
        month: OCTOBER,
        storage_location_ids: beds.iter().map(|bed| bed.location).collect(),
        reason: "counted wrongly".to_owned(),
    }
}

pub(crate) async fn reopen(
    stock: &Stock,
    request: &pb::ReopenBedsRequest,
) -> Result<pb::ReopenBedsResponse, Status> {
    let reopened = stock
        .months()
        .reopen_beds(ask(stock, request.clone()))
        .await?;
    Ok(reopened.into_inner())
}

pub(crate) async fn reconciliation(stock: &Stock) -> pb::GetReconciliationResponse {
    let request = pb::GetReconciliationRequest {
        year: YEAR,
        month: OCTOBER,
        warehouse_id: 0,
    };
    let told = stock.months().get_reconciliation(ask(stock, request)).await;
    told.unwrap().into_inner()
}

/// The lines of a location, oldest first.
pub(crate) async fn lines(stock: &Stock, bed: Bed) -> Vec<pb::Movement> {
    let request = pb::ListMovementsRequest {
        page_size: 500,
        storage_location_id: bed.location,
        ..Default::default()
    };
    let listed = stock.movements().list_movements(ask(stock, request)).await;
    let mut lines = listed.unwrap().into_inner().movements;
    lines.reverse();
    lines
}

/// A bed with 1,000 plants at its opening count and 900 at its closing one, and the
/// month open: 100 were sold.
pub(crate) async fn given_a_bed_that_sold_100(stock: &Stock) -> (Bed, String) {
    let bed = given_beds(stock, 1).await[0];
    let batch = photo(stock, bed, 1_000, OPENING).await;
    photo(stock, bed, 900, CLOSING).await;
    open(stock).await;
    (bed, batch)
}
