//! Many movements in one call.

use demeter_proto::stock::v1 as pb;
use pb::MovementType::{Ajuste, Muerte, Plantar, Ventas};
use tonic::{Code, Status};

use super::movements::kind_in;
use super::transplants::two_beds;
use crate::harness::{Stock, everywhere};

async fn enter(
    stock: &Stock,
    request: &pb::BatchCreateMovementsRequest,
) -> Result<pb::BatchCreateMovementsResponse, Status> {
    let request = stock.ask(request.clone());
    let entered = stock.movements().batch_create_movements(request).await?;
    Ok(entered.into_inner())
}

fn of_batch(batch: &str, movement_type: pb::MovementType, quantity: i32) -> pb::NewMovement {
    pb::NewMovement {
        batch_id: batch.to_owned(),
        movement_type: movement_type.into(),
        quantity,
        ..Default::default()
    }
}

fn many(stock: &Stock, movements: Vec<pb::NewMovement>) -> pb::BatchCreateMovementsRequest {
    pb::BatchCreateMovementsRequest {
        request_id: stock.id(),
        movements,
        ..Default::default()
    }
}

/// Two beds with a batch each, and six movements of which three cannot be.
async fn mixed(stock: &Stock) -> ([i32; 2], pb::BatchCreateMovementsRequest) {
    let (one, other) = two_beds(stock).await;
    let batch = stock.given_a_batch(one, 10).await.batch_id;
    let second = stock.given_a_batch(other, 20).await.batch_id;
    let movements = vec![
        of_batch(&batch, Muerte, 8),
        of_batch(&batch, Muerte, 3),
        of_batch(&stock.id(), Muerte, 1),
        of_batch(&second, Plantar, 5),
        of_batch(&batch, Ajuste, -1),
        pb::NewMovement {
            batch_id: String::new(),
            bed: Some(kind_in(other)),
            ..of_batch("", Muerte, 25)
        },
    ];
    ([one.location, other.location], many(stock, movements))
}

#[tokio::test]
async fn all_are_recorded_or_none_and_every_refusal_is_told() {
    for stock in everywhere().await {
        let (beds, request) = mixed(&stock).await;

        let refused = enter(&stock, &request).await.unwrap_err();

        assert_eq!(refused.code(), Code::InvalidArgument);
        for told in [
            "movements[1]: the batch holds 2 plants",
            "movements[2]: there is no batch",
            "movements[4].reason_description: is required for ajuste",
        ] {
            assert!(refused.message().contains(told), "{told}: {refused}");
        }
        assert!(!refused.message().contains("movements[0]"), "{refused}");
        assert_eq!(stock.standing(beds[0]).await, 10);
        assert_eq!(stock.standing(beds[1]).await, 20);
        stock.stop().await;
    }
}

#[tokio::test]
async fn the_others_are_recorded_when_that_is_asked_for_and_a_retry_gets_the_same_answer() {
    for stock in everywhere().await {
        let (beds, request) = mixed(&stock).await;
        let request = pb::BatchCreateMovementsRequest {
            continue_on_error: true,
            ..request
        };

        let entered = enter(&stock, &request).await.unwrap();
        let again = enter(&stock, &request).await.unwrap();

        let reasons: Vec<_> = entered
            .results
            .iter()
            .map(|result| {
                result
                    .refusal
                    .as_ref()
                    .map(|refusal| refusal.reason.as_str())
            })
            .collect();
        assert_eq!(
            reasons,
            [
                None,
                Some("NOT_ENOUGH_PLANTS"),
                Some("NOT_FOUND"),
                None,
                Some("INVALID_FIELD"),
                None
            ]
        );
        assert_eq!((entered.recorded_count, entered.refused_count), (3, 3));
        assert_eq!(stock.standing(beds[0]).await, 2);
        assert_eq!(stock.standing(beds[1]).await, 0, "in their order");
        let repeated = pb::BatchCreateMovementsResponse {
            duplicate: true,
            ..entered
        };
        assert_eq!(again, repeated);
        stock.stop().await;
    }
}

#[tokio::test]
async fn thousands_are_recorded_in_one_call() {
    for stock in everywhere().await {
        let (one, other) = two_beds(&stock).await;
        let batch = stock.given_a_batch(one, 3_000).await.batch_id;
        let movements = (0..2_500).flat_map(|n| {
            let came = pb::NewMovement {
                batch_id: String::new(),
                bed: Some(kind_in(other)),
                ..of_batch("", Plantar, 1 + n % 3)
            };
            [of_batch(&batch, Muerte, 1), came]
        });
        let request = many(&stock, movements.collect());

        let entered = enter(&stock, &request).await.unwrap();
        let again = enter(&stock, &request).await.unwrap();

        assert_eq!(entered.recorded_count, 5_000);
        assert_eq!(entered.results, again.results);
        assert_eq!(stock.standing(one.location).await, 500);
        assert_eq!(stock.standing(other.location).await, 4_999);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_dry_run_of_many_leaves_nothing() {
    for stock in everywhere().await {
        let (one, _) = two_beds(&stock).await;
        let batch = stock.given_a_batch(one, 10).await.batch_id;
        let request = pb::BatchCreateMovementsRequest {
            dry_run: true,
            continue_on_error: true,
            ..many(
                &stock,
                vec![of_batch(&batch, Muerte, 3), of_batch(&batch, Ventas, 3)],
            )
        };

        let told = enter(&stock, &request).await.unwrap();

        assert_eq!(
            (told.recorded_count, told.refused_count, told.dry_run),
            (1, 1, true)
        );
        assert_eq!(stock.standing(one.location).await, 10);
        stock.stop().await;
    }
}
