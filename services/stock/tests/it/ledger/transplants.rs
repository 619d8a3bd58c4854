//! Plants that move to another bed, or on to another state, size or packaging.

use chrono::Duration;
use demeter_proto::stock::v1 as pb;
use tonic::{Code, Status};

use super::late_facts::{TUESDAY, a_photo, at, day, it_is};
use super::movements::{ADULT, kind_in};
use super::photo_counts::post;
use crate::harness::{Bed, Stock, everywhere, reason};

pub(crate) async fn move_plants(
    stock: &Stock,
    request: &pb::CreateTransplantRequest,
) -> Result<pb::CreateTransplantResponse, Status> {
    let request = stock.ask(request.clone());
    Ok(stock
        .movements()
        .create_transplant(request)
        .await?
        .into_inner())
}

pub(crate) fn a_move(
    stock: &Stock,
    from: Bed,
    to: i32,
    plants: i32,
) -> pb::CreateTransplantRequest {
    pb::CreateTransplantRequest {
        request_id: stock.id(),
        bed: Some(kind_in(from)),
        destination_storage_location_id: to,
        quantity: plants,
        ..Default::default()
    }
}

/// Two beds of one product.
pub(crate) async fn two_beds(stock: &Stock) -> (Bed, Bed) {
    let locations = stock.given_locations(2).await;
    let product = stock.given_a_product("Echeveria").await;
    let bed = |location| Bed {
        location,
        product,
        state: 3,
    };
    let (from, to) = (bed(locations[0]), bed(locations[1]));
    stock.configure(from).await;
    stock.configure(to).await;
    (from, to)
}

#[tokio::test]
async fn a_transplant_is_two_linked_halves_that_add_up_to_nothing() {
    for stock in everywhere().await {
        let (from, to) = two_beds(&stock).await;
        stock.given_a_batch(from, 100).await;
        let request = pb::CreateTransplantRequest {
            destination_product_state_id: Some(ADULT),
            destination_product_size_id: Some(2),
            ..a_move(&stock, from, to.location, 30)
        };

        let moved = move_plants(&stock, &request).await.unwrap();

        let (source, destination) = (&moved.sources[0], &moved.destinations[0]);
        let (left, came) = (
            source.movement.as_ref().unwrap(),
            destination.movement.as_ref().unwrap(),
        );
        assert_eq!((left.quantity, came.quantity), (-30, 30));
        assert_eq!(left.movement_type(), pb::MovementType::Transplante);
        assert_eq!(left.transfer_id, Some(moved.transfer_id.clone()));
        assert_eq!(came.transfer_id, left.transfer_id);
        let batch = destination.batch.as_ref().unwrap();
        assert_eq!(
            (
                batch.product_state_id,
                batch.product_size_id,
                batch.quantity_current
            ),
            (ADULT, Some(2), 30)
        );
        assert_eq!(stock.standing(from.location).await, 70);
        assert_eq!(stock.standing(to.location).await, 30);
        let again = move_plants(&stock, &request).await.unwrap();
        assert_eq!(
            again,
            pb::CreateTransplantResponse {
                duplicate: true,
                ..moved.clone()
            }
        );
        let more = pb::CreateTransplantRequest {
            request_id: stock.id(),
            ..request
        };
        let more = move_plants(&stock, &more).await.unwrap();
        let merged = more.destinations[0].batch.as_ref().unwrap();
        assert_eq!(
            (&merged.batch_id, merged.quantity_current),
            (&batch.batch_id, 60)
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn plants_grow_on_where_they_stand() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        stock.given_a_batch(bed, 10).await;
        let grown = pb::CreateTransplantRequest {
            destination_product_state_id: Some(ADULT),
            ..a_move(&stock, bed, bed.location, 10)
        };

        let moved = move_plants(&stock, &grown).await.unwrap();

        assert_eq!(moved.sources[0].batch.as_ref().unwrap().quantity_current, 0);
        assert_eq!(
            moved.destinations[0]
                .batch
                .as_ref()
                .unwrap()
                .quantity_current,
            10
        );
        assert_eq!(stock.standing(bed.location).await, 10);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_transplant_that_cannot_be_is_refused_and_nothing_is_half_written() {
    for stock in everywhere().await {
        let (from, to) = two_beds(&stock).await;
        stock.given_a_batch(from, 10).await;
        let fine = a_move(&stock, from, to.location, 5);
        let too_many = pb::CreateTransplantRequest {
            quantity: 11,
            ..fine.clone()
        };
        let nowhere = pb::CreateTransplantRequest {
            destination_storage_location_id: 999,
            ..fine.clone()
        };
        let here = pb::CreateTransplantRequest {
            destination_storage_location_id: from.location,
            ..fine.clone()
        };
        let unknown = pb::CreateTransplantRequest {
            destination_product_state_id: Some(999),
            ..fine
        };

        for (request, code, expected) in [
            (too_many, Code::FailedPrecondition, "NOT_ENOUGH_PLANTS"),
            (nowhere, Code::NotFound, "NOT_FOUND"),
            (here, Code::InvalidArgument, "INVALID_FIELD"),
            (unknown, Code::NotFound, "NOT_FOUND"),
        ] {
            let refused = move_plants(&stock, &request).await.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (code, expected)
            );
        }
        assert_eq!(stock.standing(from.location).await, 10);
        assert_eq!(stock.standing(to.location).await, 0);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_transplant_that_is_told_after_a_photo_had_seen_it_changes_neither_bed() {
    for stock in everywhere().await {
        let (from, to) = two_beds(&stock).await;
        stock.given_a_batch(from, 100).await;
        stock.given_a_batch(to, 10).await;
        it_is(&stock, TUESDAY);
        post(&stock, &a_photo(&stock, from, 70, TUESDAY))
            .await
            .unwrap();
        post(&stock, &a_photo(&stock, to, 40, TUESDAY))
            .await
            .unwrap();
        let late = pb::CreateTransplantRequest {
            effective_time: at(day(TUESDAY) - Duration::hours(3)),
            ..a_move(&stock, from, to.location, 30)
        };

        let moved = move_plants(&stock, &late).await.unwrap();

        assert_eq!(moved.consequences.len(), 2, "{:?}", moved.consequences);
        assert_eq!(stock.standing(from.location).await, 70);
        assert_eq!(stock.standing(to.location).await, 40);
        let before = day(TUESDAY) - Duration::hours(1);
        assert_eq!(stock.as_of(from.location, before).await, 70);
        assert_eq!(stock.as_of(to.location, before).await, 40);
        stock.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transplants_in_both_directions_at_once_do_not_wait_for_each_other() {
    for stock in everywhere().await {
        let (one, other) = two_beds(&stock).await;
        stock.given_a_batch(one, 100).await;
        stock.given_a_batch(other, 100).await;

        let there = (0..10).map(|_| a_move(&stock, one, other.location, 1));
        let back = (0..10).map(|_| a_move(&stock, other, one.location, 1));
        let all: Vec<_> = there.zip(back).flat_map(|(to, fro)| [to, fro]).collect();
        let moved = all.iter().map(|request| move_plants(&stock, request));
        let moved = futures::future::join_all(moved).await;

        assert!(moved.iter().all(Result::is_ok), "{moved:?}");
        assert_eq!(stock.standing(one.location).await, 100);
        assert_eq!(stock.standing(other.location).await, 100);
        stock.stop().await;
    }
}
