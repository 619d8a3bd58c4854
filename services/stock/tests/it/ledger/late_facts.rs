//! Facts arrive in any order: what stands follows from the facts alone.

use chrono::{DateTime, Duration, Utc};
use demeter_proto::stock::v1 as pb;
use pb::EffectiveTimeSource::{Photo, Recorded, Stated};
use pb::MovementType::{Ajuste, Muerte, Plantar};
use prost_types::Timestamp;
use tonic::{Code, Status};

use super::photo_counts::{a_count, post};
use crate::harness::{Bed, Stock, everywhere, noon, reason};

/// A day of the week whose Monday begins at noon.
pub(crate) const MONDAY: i64 = 0;
pub(crate) const TUESDAY: i64 = 1;
pub(crate) const WEDNESDAY: i64 = 2;
const THURSDAY: i64 = 3;

pub(crate) fn day(day: i64) -> DateTime<Utc> {
    noon() + Duration::days(day)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "messages have it absent or present"
)]
pub(crate) fn at(instant: DateTime<Utc>) -> Option<Timestamp> {
    Some(Timestamp {
        seconds: instant.timestamp(),
        nanos: i32::try_from(instant.timestamp_subsec_nanos()).unwrap(),
    })
}

/// Moves the clock on to a day.
pub(crate) fn it_is(stock: &Stock, today: i64) {
    stock.clock.advance(day(today) - stock.clock.now());
}

pub(crate) fn a_photo(
    stock: &Stock,
    bed: Bed,
    quantity: i32,
    taken: i64,
) -> pb::PostPhotoCountRequest {
    pb::PostPhotoCountRequest {
        observed_time: at(day(taken)),
        ..a_count(stock, bed, quantity, 0)
    }
}

pub(crate) fn a_hand_count(stock: &Stock, bed: Bed, quantity: i32) -> pb::CreateManualCountRequest {
    pb::CreateManualCountRequest {
        request_id: stock.id(),
        storage_location_id: bed.location,
        product_id: bed.product,
        quantity,
        ..Default::default()
    }
}

pub(crate) async fn count(
    stock: &Stock,
    request: &pb::CreateManualCountRequest,
) -> Result<pb::CreateManualCountResponse, Status> {
    let request = stock.ask(request.clone());
    let counted = stock.movements().create_manual_count(request).await?;
    Ok(counted.into_inner())
}

async fn enter(
    stock: &Stock,
    request: &pb::CreateMovementRequest,
) -> Result<pb::CreateMovementResponse, Status> {
    let request = stock.ask(request.clone());
    let entered = stock.movements().create_movement(request).await?;
    Ok(entered.into_inner())
}

/// A movement of an earlier day.
pub(crate) fn a_late(
    stock: &Stock,
    batch: &str,
    (movement_type, quantity): (pb::MovementType, i32),
    of: i64,
) -> pb::CreateMovementRequest {
    pb::CreateMovementRequest {
        request_id: stock.id(),
        batch_id: batch.to_owned(),
        movement_type: movement_type.into(),
        quantity,
        reason_description: "entered offline".to_owned(),
        effective_time: at(day(of)),
        ..Default::default()
    }
}

#[tokio::test]
async fn mondays_photo_that_arrives_on_thursday_does_not_overrule_wednesdays_hand_count() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        it_is(&stock, WEDNESDAY);
        count(&stock, &a_hand_count(&stock, bed, 500))
            .await
            .unwrap();
        it_is(&stock, THURSDAY);

        let photo = a_photo(&stock, bed, 300, MONDAY);
        let posted = post(&stock, &photo).await.unwrap();

        assert_eq!(stock.standing(bed.location).await, 500);
        assert_eq!(stock.as_of(bed.location, day(MONDAY)).await, 300);
        assert_eq!(stock.as_of(bed.location, day(TUESDAY)).await, 300);
        assert!(posted.superseded && posted.batch.is_none());
        assert_eq!(
            (posted.previous_quantity, posted.current_quantity),
            (500, 500)
        );
        assert_eq!(post(&stock, &photo).await.unwrap(), posted);
        stock.stop().await;
    }
}

#[tokio::test]
async fn mondays_deaths_that_are_entered_after_tuesdays_photo_explain_its_difference() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 1000).await.batch_id;
        it_is(&stock, TUESDAY);
        let photo = a_photo(&stock, bed, 980, TUESDAY);
        let before = post(&stock, &photo).await.unwrap();
        it_is(&stock, WEDNESDAY);

        let late = a_late(&stock, &batch, (Muerte, 20), MONDAY);
        let entered = enter(&stock, &late).await.unwrap();

        assert_eq!(stock.standing(bed.location).await, 980);
        assert_eq!(stock.as_of(bed.location, day(MONDAY)).await, 980);
        let [known] = entered.consequences.as_slice() else {
            panic!("{:?}", entered.consequences);
        };
        let movement = entered.movement.clone().unwrap();
        assert_eq!((movement.quantity, movement.balance), (-20, 980));
        assert_eq!(
            (known.quantity, known.balance),
            (20, 1000),
            "recorded first"
        );
        assert_eq!(known.movement_type(), Ajuste);
        assert_eq!(known.source_type(), pb::MovementSource::Calculated);
        assert_eq!(known.effective_time, at(day(TUESDAY)));
        assert_eq!(
            known.processing_session_id,
            Some(photo.processing_session_id.clone())
        );
        assert_eq!(known.late_fact_id, Some(movement.movement_id));
        let batch = entered.batch.clone().unwrap();
        assert_eq!(
            (batch.quantity_current, batch.quantity_empty_containers),
            (980, 20)
        );
        let repeated = pb::CreateMovementResponse {
            duplicate: true,
            ..entered
        };
        assert_eq!(enter(&stock, &late).await.unwrap(), repeated);
        assert_eq!(
            post(&stock, &photo).await.unwrap(),
            before,
            "told as it was"
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_late_loss_takes_what_stood_there_and_says_what_was_missing() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        it_is(&stock, WEDNESDAY);
        stock.change(&batch, Plantar, 5).await.unwrap();

        let late = a_late(&stock, &batch, (Muerte, 30), TUESDAY);
        let entered = enter(&stock, &late).await.unwrap();

        assert_eq!(stock.standing(bed.location).await, 5);
        assert_eq!(stock.as_of(bed.location, day(TUESDAY)).await, 0);
        assert_eq!(entered.missing_quantity, 20);
        let [limited] = entered.consequences.as_slice() else {
            panic!("{:?}", entered.consequences);
        };
        assert!(
            limited.reason_description.contains("20 did not"),
            "{limited:?}"
        );
        let movement = entered.movement.as_ref().unwrap();
        assert_eq!(
            limited.corrected_movement_id.as_ref(),
            Some(&movement.movement_id)
        );
        assert_eq!(
            entered.batch.as_ref().unwrap().quantity_empty_containers,
            10
        );
        let repeated = pb::CreateMovementResponse {
            duplicate: true,
            ..entered
        };
        assert_eq!(enter(&stock, &late).await.unwrap(), repeated);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_loss_of_now_that_is_too_large_is_still_refused() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;

        let refused = stock.change(&batch, Muerte, 11).await.unwrap_err();

        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::FailedPrecondition, "NOT_ENOUGH_PLANTS")
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn the_future_and_the_distant_past_are_refused_by_field() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;

        for (of, accepted) in [(1, false), (-46, false), (-45, true)] {
            let late = a_late(&stock, &batch, (Plantar, 1), of);
            let entered = enter(&stock, &late).await;
            assert_eq!(entered.is_ok(), accepted, "{of} days: {entered:?}");
            let Err(refused) = entered else { continue };
            assert_eq!(refused.code(), Code::InvalidArgument);
            assert!(refused.message().contains("effective_time"), "{refused}");
        }
        stock.stop().await;
    }
}

#[tokio::test]
async fn where_an_instant_comes_from_is_told() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        it_is(&stock, TUESDAY);
        let late = a_late(&stock, &batch, (Plantar, 1), MONDAY);
        enter(&stock, &late).await.unwrap();
        post(&stock, &a_photo(&stock, bed, 11, TUESDAY))
            .await
            .unwrap();

        let asked = pb::ListMovementsRequest {
            storage_location_id: bed.location,
            ..Default::default()
        };
        let listed = stock.movements().list_movements(stock.ask(asked)).await;
        let lines = listed.unwrap().into_inner().movements;

        let sources: Vec<_> = lines
            .iter()
            .map(pb::Movement::effective_time_source)
            .collect();
        assert_eq!(sources, [Photo, Photo, Stated, Recorded], "newest first");
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_count_by_hand_replaces_what_stands_of_its_product() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        stock.given_a_batch(bed, 60).await;
        let other = Bed {
            product: stock.given_a_product("Haworthia").await,
            ..bed
        };
        stock.given_a_batch(other, 40).await;
        it_is(&stock, TUESDAY);

        let request = a_hand_count(&stock, bed, 50);
        let counted = count(&stock, &request).await.unwrap();

        assert_eq!(stock.standing(bed.location).await, 90);
        assert_eq!(
            (counted.previous_quantity, counted.current_quantity),
            (100, 90)
        );
        assert!(!counted.superseded);
        let movement = counted.movement.clone().unwrap();
        assert_eq!(movement.movement_type(), pb::MovementType::ManualInit);
        assert_eq!(movement.manual_count_id, Some(request.request_id.clone()));
        let replaced: Vec<_> = counted
            .consequences
            .iter()
            .map(|line| line.quantity)
            .collect();
        assert_eq!(replaced, [-60]);
        let repeated = pb::CreateManualCountResponse {
            duplicate: true,
            ..counted
        };
        assert_eq!(count(&stock, &request).await.unwrap(), repeated);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_count_that_finds_what_is_known_is_kept() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 60).await.batch_id;
        it_is(&stock, TUESDAY);
        count(&stock, &a_hand_count(&stock, bed, 60)).await.unwrap();
        it_is(&stock, WEDNESDAY);

        let late = a_late(&stock, &batch, (Muerte, 7), MONDAY);
        enter(&stock, &late).await.unwrap();

        assert_eq!(stock.standing(bed.location).await, 60);
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_empty_bed_that_was_counted_stays_empty_when_plants_of_before_arrive() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        it_is(&stock, TUESDAY);
        post(&stock, &a_photo(&stock, bed, 0, TUESDAY))
            .await
            .unwrap();
        it_is(&stock, WEDNESDAY);

        let planting = pb::CreateBatchRequest {
            effective_time: at(day(MONDAY)),
            ..stock.a_batch(bed, 30)
        };
        let request = stock.ask(planting);
        let planted = stock
            .batches()
            .create_batch(request)
            .await
            .unwrap()
            .into_inner();

        assert_eq!(stock.standing(bed.location).await, 0);
        assert_eq!(stock.as_of(bed.location, day(MONDAY)).await, 30);
        let batch = planted.batch.unwrap();
        assert_eq!((batch.quantity_initial, batch.quantity_current), (30, 0));
        assert_eq!(batch.planting_date.as_deref(), Some("2026-10-31"));
        assert_eq!(planted.consequences.len(), 1);
        stock.stop().await;
    }
}

/// Something that happened in a bed, some hours after Monday noon.
struct Fact {
    id: String,
    hour: i64,
    what: What,
}

enum What {
    Photo(i32),
    Hand(i32),
    /// The number of a batch of the bed, and a movement of it.
    Entry(usize, pb::MovementType, i32),
}

/// A bed and its batches, of which the last is of another product.
struct Planted {
    bed: Bed,
    batches: Vec<String>,
}

/// A small generator: the same seed, the same histories.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }

    fn plants(&mut self, bound: u64) -> i32 {
        i32::try_from(self.below(bound)).unwrap()
    }

    /// The numbers below `count` in some order, the first two again at the end.
    fn arrivals(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            let bound = u64::try_from(last + 1).unwrap();
            order.swap(last, usize::try_from(self.below(bound)).unwrap());
        }
        order.extend_from_within(..2);
        order
    }

    fn fact(&mut self, stock: &Stock) -> Fact {
        let what = match self.below(6) {
            0 => What::Photo(self.plants(120)),
            1 => What::Hand(self.plants(80) + 1),
            2 => What::Entry(
                usize::try_from(self.below(3)).unwrap(),
                Plantar,
                self.plants(30) + 1,
            ),
            _ => What::Entry(
                usize::try_from(self.below(3)).unwrap(),
                Muerte,
                self.plants(40) + 1,
            ),
        };
        Fact {
            id: stock.id(),
            hour: 12 * i64::try_from(self.below(6)).unwrap(),
            what,
        }
    }
}

/// Two batches of the bed's product and one of another.
async fn planted(stock: &Stock, bed: Bed, other: i32) -> Planted {
    let mut batches = Vec::new();
    for (product, quantity) in [(bed.product, 40), (bed.product, 20), (other, 30)] {
        let batch = stock.given_a_batch(Bed { product, ..bed }, quantity).await;
        batches.push(batch.batch_id);
    }
    Planted { bed, batches }
}

/// A fact as it reaches a bed. Every bed has ids of its own.
async fn arrive(stock: &Stock, to: &Planted, fact: &Fact) {
    let instant = at(noon() + Duration::hours(fact.hour));
    let id = own_id(&fact.id, to.bed);
    match &fact.what {
        What::Photo(quantity) => {
            let request = pb::PostPhotoCountRequest {
                processing_session_id: id,
                observed_time: instant,
                ..a_count(stock, to.bed, *quantity, 0)
            };
            post(stock, &request).await.map(drop).unwrap();
        }
        What::Hand(quantity) => {
            let request = pb::CreateManualCountRequest {
                request_id: id,
                effective_time: instant,
                ..a_hand_count(stock, to.bed, *quantity)
            };
            count(stock, &request).await.map(drop).unwrap();
        }
        What::Entry(batch, movement_type, quantity) => {
            let request = pb::CreateMovementRequest {
                request_id: id,
                effective_time: instant,
                ..a_late(
                    stock,
                    &to.batches[*batch],
                    (*movement_type, *quantity),
                    MONDAY,
                )
            };
            enter(stock, &request).await.map(drop).unwrap();
        }
    }
}

/// The same id with the bed in its last digits: facts of one instant keep their order.
fn own_id(id: &str, bed: Bed) -> String {
    format!("{}{:04}", &id[..id.len() - 4], bed.location)
}

#[tokio::test]
async fn the_same_facts_in_any_order_and_more_than_once_give_the_same_stock_at_every_instant() {
    for stock in everywhere().await {
        let mut random = Random(20_261_124);
        let locations = stock.given_locations(5).await;
        let (product, other) = (
            stock.given_a_product("Echeveria").await,
            stock.given_a_product("Haworthia").await,
        );
        let mut beds = Vec::new();
        for location in locations {
            let bed = Bed {
                location,
                product,
                state: 3,
            };
            stock.configure(bed).await;
            beds.push(planted(&stock, bed, other).await);
        }
        it_is(&stock, THURSDAY);
        for round in 0..6 {
            let facts: Vec<Fact> = (0..8).map(|_| random.fact(&stock)).collect();
            let mut histories = Vec::new();
            for bed in &beds {
                let order = random.arrivals(facts.len());
                for number in &order {
                    arrive(&stock, bed, &facts[*number]).await;
                }
                histories.push((history(&stock, bed.bed).await, order));
            }
            for (told, order) in &histories[1..] {
                let (expected, first) = &histories[0];
                assert_eq!(told, expected, "round {round}: {order:?} after {first:?}");
            }
        }
        stock.stop().await;
    }
}

/// Plants of each product every twelve hours.
async fn history(stock: &Stock, bed: Bed) -> Vec<Vec<(i32, i64)>> {
    let mut told = Vec::new();
    for half_day in 0..=6 {
        let instant = noon() + Duration::hours(12 * half_day);
        told.push(stock.products_as_of(bed.location, instant).await);
    }
    told
}
