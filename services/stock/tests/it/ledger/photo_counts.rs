//! A photo's count replaces the baseline of its location.

use chrono::Duration;
use demeter_proto::stock::v1 as pb;
use futures::future::join_all;
use prost_types::Timestamp;
use tonic::{Code, Status};

use crate::harness::{Bed, Stock, everywhere, noon, reason};

/// A count of a photo that was taken some minutes after noon.
pub(crate) fn a_count(
    stock: &Stock,
    bed: Bed,
    quantity: i32,
    minutes: i64,
) -> pb::PostPhotoCountRequest {
    pb::PostPhotoCountRequest {
        processing_session_id: stock.id(),
        storage_location_id: bed.location,
        quantity,
        observed_time: Some(Timestamp {
            seconds: noon().timestamp() + 60 * minutes,
            nanos: 0,
        }),
        user_id: "ana".into(),
        ..Default::default()
    }
}

pub(crate) async fn post(
    stock: &Stock,
    count: &pb::PostPhotoCountRequest,
) -> Result<pb::PostPhotoCountResponse, Status> {
    let request = stock.as_service(count.clone(), &["stock:write"]);
    Ok(stock
        .movements()
        .post_photo_count(request)
        .await?
        .into_inner())
}

#[tokio::test]
async fn a_first_count_is_the_baseline_and_a_second_replaces_it() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;

        let first = post(&stock, &a_count(&stock, bed, 100, 0)).await.unwrap();
        stock.clock.advance(Duration::minutes(60));
        let second = post(&stock, &a_count(&stock, bed, 95, 60)).await.unwrap();

        assert_eq!(
            (
                first.previous_quantity,
                first.current_quantity,
                first.superseded
            ),
            (0, 100, false)
        );
        assert_eq!(first.movements.len(), 1);
        assert_eq!(
            (second.previous_quantity, second.current_quantity),
            (100, 95)
        );
        let told: Vec<_> = second
            .movements
            .iter()
            .map(|line| (line.movement_type(), line.quantity))
            .collect();
        assert_eq!(
            told,
            [
                (pb::MovementType::Foto, 95),
                (pb::MovementType::Ajuste, -100)
            ]
        );
        assert!(
            second
                .movements
                .iter()
                .all(|line| line.source_type() == pb::MovementSource::Ia)
        );
        assert_eq!(
            first.batch.unwrap().batch_id,
            second.batch.unwrap().batch_id
        );
        assert_eq!(stock.standing(bed.location).await, 95);
        stock.stop().await;
    }
}

#[tokio::test]
async fn movements_after_the_photo_keep_their_effect() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 100).await;
        stock.clock.advance(Duration::minutes(30));
        stock
            .change(&batch.batch_id, pb::MovementType::Muerte, 10)
            .await
            .unwrap();

        let posted = post(&stock, &a_count(&stock, bed, 95, 10)).await.unwrap();

        assert_eq!(
            (posted.previous_quantity, posted.current_quantity),
            (90, 85)
        );
        assert_eq!(stock.standing(bed.location).await, 85);
        stock.stop().await;
    }
}

#[tokio::test]
async fn later_deaths_beyond_the_count_end_at_zero_and_the_ledger_says_so() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 100).await;
        stock.clock.advance(Duration::minutes(30));
        stock
            .change(&batch.batch_id, pb::MovementType::Muerte, 95)
            .await
            .unwrap();

        let posted = post(&stock, &a_count(&stock, bed, 3, 10)).await.unwrap();

        assert_eq!(posted.current_quantity, 0);
        let limited = |line: &pb::Movement| line.reason_description.contains("limited");
        assert_eq!(
            posted.movements.iter().filter(|line| limited(line)).count(),
            1
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_photo_keeps_the_shares_of_the_kinds_that_stand_in_the_bed() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        stock.given_a_batch(bed, 60).await;
        let other = Bed {
            product: stock.given_a_product("Haworthia").await,
            ..bed
        };
        stock.given_a_batch(other, 40).await;

        let posted = post(&stock, &a_count(&stock, bed, 90, 0)).await.unwrap();

        let shares = stock.products_as_of(bed.location, noon()).await;
        assert_eq!(shares, [(bed.product, 54), (other.product, 36)]);
        let counted: Vec<_> = posted
            .movements
            .iter()
            .filter(|line| line.movement_type() == pb::MovementType::Foto)
            .map(|line| (line.quantity, line.allocated))
            .collect();
        assert_eq!(counted, [(54, true), (36, true)]);
        assert_eq!(posted.batch.unwrap().quantity_current, 54, "the larger one");
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_empty_bed_gets_the_kind_that_it_was_configured_for_when_the_photo_was_taken() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        stock.clock.advance(Duration::minutes(60));
        let product = stock.given_a_product("Haworthia").await;
        stock.configure(Bed { product, ..bed }).await;

        let earlier = post(&stock, &a_count(&stock, bed, 30, 10)).await.unwrap();

        let batch = earlier.batch.unwrap();
        assert_eq!(
            (batch.product_id, batch.quantity_current),
            (bed.product, 30)
        );
        assert!(earlier.movements.iter().all(|line| !line.allocated));
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_older_photo_changes_the_past_only() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        stock.clock.advance(Duration::minutes(60));
        post(&stock, &a_count(&stock, bed, 100, 60)).await.unwrap();
        let old = a_count(&stock, bed, 7, 10);

        let posted = post(&stock, &old).await.unwrap();
        let again = post(&stock, &old).await.unwrap();

        assert!(posted.superseded && posted.batch.is_none());
        let then = noon() + Duration::minutes(10);
        assert_eq!(stock.as_of(bed.location, then).await, 7);
        assert_eq!(stock.standing(bed.location).await, 100);
        assert_eq!(
            (posted.previous_quantity, posted.current_quantity),
            (100, 100)
        );
        assert_eq!(posted, again);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_session_counts_once_and_another_count_is_refused() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let count = a_count(&stock, bed, 100, 0);
        let first = post(&stock, &count).await.unwrap();
        let batch = first.batch.clone().unwrap().batch_id;
        stock.clock.advance(Duration::minutes(1));
        stock
            .change(&batch, pb::MovementType::Muerte, 1)
            .await
            .unwrap();

        let again = post(&stock, &count).await.unwrap();
        let other = post(
            &stock,
            &pb::PostPhotoCountRequest {
                quantity: 101,
                ..count
            },
        )
        .await
        .unwrap_err();

        assert_eq!(first, again);
        assert_eq!(
            (other.code(), reason(&other)),
            (Code::AlreadyExists, "SESSION_ALREADY_POSTED".into())
        );
        assert_eq!(stock.standing(bed.location).await, 99);
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_empty_bed_is_counted_as_empty() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        stock.given_a_batch(bed, 12).await;

        let posted = post(&stock, &a_count(&stock, bed, 0, 0)).await.unwrap();

        assert!(posted.batch.is_none());
        assert_eq!(
            (
                posted.movements.len(),
                posted.movements[0].quantity,
                posted.current_quantity
            ),
            (1, -12, 0)
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_does_not_shut_out_later_photos() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let ahead = a_count(&stock, bed, 10, 600);
        post(&stock, &ahead).await.unwrap();
        stock.clock.advance(Duration::minutes(1));

        let next = post(&stock, &a_count(&stock, bed, 20, 1)).await.unwrap();

        assert!(!next.superseded);
        assert_eq!(post(&stock, &ahead).await.unwrap().current_quantity, 10);
        assert_eq!(stock.standing(bed.location).await, 20);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_bed_of_which_nothing_is_known_is_not_counted() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let bed = Bed {
            location,
            product: 1,
            state: 1,
        };

        let unknown = post(&stock, &a_count(&stock, bed, 1, 0)).await.unwrap_err();
        let nowhere = post(
            &stock,
            &a_count(
                &stock,
                Bed {
                    location: 99,
                    ..bed
                },
                1,
                0,
            ),
        )
        .await
        .unwrap_err();

        assert_eq!(
            (unknown.code(), reason(&unknown)),
            (Code::FailedPrecondition, "NO_CONFIGURATION".into())
        );
        assert_eq!(reason(&nowhere), "NOT_FOUND");
        stock.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_and_movements_at_the_same_time_keep_the_ledger_true() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 100).await.batch_id;
        let count = a_count(&stock, bed, 80, 0);

        let posts = join_all((0..5).map(|_| post(&stock, &count)));
        let deaths = join_all((0..15).map(|_| stock.change(&batch, pb::MovementType::Muerte, 1)));
        let (posts, deaths) = tokio::join!(posts, deaths);

        let posts: Vec<_> = posts.into_iter().map(Result::unwrap).collect();
        assert!(posts.iter().all(|posted| *posted == posts[0]));
        let failed: Vec<_> = deaths.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{failed:?}");
        stock.stop().await;
    }
}

#[tokio::test]
async fn the_history_of_a_session_is_its_movements() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let count = a_count(&stock, bed, 5, 0);
        post(&stock, &count).await.unwrap();
        stock.clock.advance(Duration::minutes(1));
        stock.given_a_batch(bed, 1).await;

        let request = pb::ListMovementsRequest {
            processing_session_id: count.processing_session_id,
            ..Default::default()
        };
        let told = stock
            .movements()
            .list_movements(stock.ask(request))
            .await
            .unwrap()
            .into_inner()
            .movements;

        assert_eq!((told.len(), told[0].quantity), (1, 5));
        stock.stop().await;
    }
}

#[tokio::test]
async fn how_sure_a_count_is_stands_beside_its_line_in_the_history() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let sure = pb::PostPhotoCountRequest {
            plants_low: Some(94),
            plants_high: Some(101),
            boxes: Some(96),
            ..a_count(&stock, bed, 97, 0)
        };
        post(&stock, &sure).await.unwrap();
        stock.clock.advance(Duration::minutes(60));
        post(&stock, &a_count(&stock, bed, 90, 60)).await.unwrap();

        let asked = pb::ListMovementsRequest {
            storage_location_id: bed.location,
            ..Default::default()
        };
        let listed = stock.movements().list_movements(stock.ask(asked)).await;
        let lines = listed.unwrap().into_inner().movements;

        let told = lines
            .iter()
            .map(|line| (line.quantity, line.count_estimate));
        let estimate = |plants, plants_low, plants_high, boxes| {
            Some(pb::CountEstimate {
                plants,
                plants_low,
                plants_high,
                boxes,
            })
        };
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (-97, None),
                (90, estimate(90, None, None, None)),
                (97, estimate(97, Some(94), Some(101), Some(96))),
            ],
            "newest first; what the count replaced is no count"
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn half_an_interval_is_refused_by_field() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let half = pb::PostPhotoCountRequest {
            plants_low: Some(94),
            ..a_count(&stock, bed, 97, 0)
        };

        let refused = post(&stock, &half).await.unwrap_err();

        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains("plants_high"), "{refused}");
        stock.stop().await;
    }
}
