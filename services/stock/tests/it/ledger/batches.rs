//! Batches and the movements that people record.

use demeter_proto::stock::v1 as pb;
use futures::future::join_all;
use pb::MovementType::{Ajuste, Foto, Muerte, Plantar, Transplante, Ventas};
use sea_orm::ConnectionTrait as _;
use tonic::Code;

use super::movements::{enter, of_batch};
use crate::harness::{everywhere, reason};

#[tokio::test]
async fn a_new_batch_has_a_code_a_bin_and_its_first_movement() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;

        let request = stock.ask(stock.a_batch(bed, 120));
        let created = stock
            .batches()
            .create_batch(request)
            .await
            .unwrap()
            .into_inner();

        let (batch, movement) = (created.batch.unwrap(), created.movement.unwrap());
        assert_eq!(
            batch.batch_code,
            format!("LOC{}-PROD{}-20261031-001", bed.location, bed.product)
        );
        assert_eq!((batch.quantity_initial, batch.quantity_current), (120, 120));
        assert_eq!(batch.planting_date.as_deref(), Some("2026-10-31"));
        assert_eq!(movement.movement_type(), pb::MovementType::Plantar);
        assert_eq!(
            (
                movement.quantity,
                movement.balance,
                movement.user_id.as_str()
            ),
            (120, 120, "ana")
        );
        let second = stock.given_a_batch(bed, 1).await;
        assert!(
            second.batch_code.ends_with("-002") && second.storage_bin_id == batch.storage_bin_id
        );
        let bins = pb::ListStorageBinsRequest {
            storage_location_id: bed.location,
            ..Default::default()
        };
        let bins = stock
            .locations()
            .list_storage_bins(stock.ask(bins))
            .await
            .unwrap()
            .into_inner()
            .storage_bins;
        assert_eq!(bins[0].code, "N01-N-C01-B01");
        assert_eq!(bins[0].category(), pb::BinCategory::Segment);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_retry_gets_the_same_answer_and_other_content_is_refused() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let request = stock.a_batch(bed, 10);

        let first = stock
            .batches()
            .create_batch(stock.ask(request.clone()))
            .await
            .unwrap()
            .into_inner();
        let id = first.batch.as_ref().unwrap().batch_id.clone();
        stock.change(&id, Muerte, 4).await.unwrap();
        let again = stock
            .batches()
            .create_batch(stock.ask(request.clone()))
            .await
            .unwrap()
            .into_inner();
        let other = pb::CreateBatchRequest {
            quantity: 11,
            ..request
        };
        let refused = stock
            .batches()
            .create_batch(stock.ask(other))
            .await
            .unwrap_err();

        let repeated = pb::CreateBatchResponse {
            duplicate: true,
            ..first
        };
        assert_eq!(again, repeated);
        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::AlreadyExists, "REQUEST_ID_REUSED".into())
        );
        assert_eq!(stock.standing(bed.location).await, 6);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_death_removes_plants_and_leaves_empty_pots() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await;

        let died = stock.change(&batch.batch_id, Muerte, 3).await.unwrap();

        let (movement, after) = (died.movement.unwrap(), died.batch.unwrap());
        assert_eq!(
            (movement.quantity, movement.balance, movement.is_inbound),
            (-3, 7, false)
        );
        assert_eq!(
            (after.quantity_current, after.quantity_empty_containers),
            (7, 3)
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_movement_that_cannot_be_is_refused_with_its_reason() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 10).await.batch_id;
        let nobody = stock.id();

        for (batch, movement_type, quantity, code, expected) in [
            (
                &batch,
                Muerte,
                11,
                Code::FailedPrecondition,
                "NOT_ENOUGH_PLANTS",
            ),
            (
                &batch,
                Ajuste,
                -11,
                Code::FailedPrecondition,
                "NOT_ENOUGH_PLANTS",
            ),
            (&batch, Foto, 1, Code::InvalidArgument, "INVALID_FIELD"),
            (
                &batch,
                Transplante,
                1,
                Code::InvalidArgument,
                "INVALID_FIELD",
            ),
            (&batch, Ventas, 1, Code::FailedPrecondition, "NOT_SELLABLE"),
            (&batch, Plantar, -1, Code::InvalidArgument, "INVALID_FIELD"),
            (&batch, Plantar, 0, Code::InvalidArgument, "INVALID_FIELD"),
            (&nobody, Plantar, 1, Code::NotFound, "NOT_FOUND"),
        ] {
            let refused = stock
                .change(batch, movement_type, quantity)
                .await
                .unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (code, expected),
                "{refused}"
            );
        }
        assert_eq!(stock.standing(bed.location).await, 10);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_batch_of_what_is_not_there_is_refused() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let request = stock.a_batch(bed, 1);
        for missing in [
            pb::CreateBatchRequest {
                storage_location_id: 999,
                ..request.clone()
            },
            pb::CreateBatchRequest {
                product_id: 999,
                ..request.clone()
            },
            pb::CreateBatchRequest {
                product_state_id: 999,
                ..request.clone()
            },
            pb::CreateBatchRequest {
                product_size_id: Some(999),
                ..request.clone()
            },
            pb::CreateBatchRequest {
                packaging_id: Some(999),
                ..request.clone()
            },
        ] {
            let refused = stock
                .batches()
                .create_batch(stock.ask(missing))
                .await
                .unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused)),
                (Code::NotFound, "NOT_FOUND".into())
            );
        }
        stock
            .connection()
            .await
            .execute_unprepared("UPDATE storage_locations SET active = FALSE")
            .await
            .unwrap();
        let refused = stock
            .batches()
            .create_batch(stock.ask(request))
            .await
            .unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::FailedPrecondition, "LOCATION_INACTIVE".into())
        );
        stock.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn movements_at_the_same_time_lose_nothing_and_never_go_below_zero() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 15).await.batch_id;

        let deaths = (0..20).map(|_| stock.change(&batch, Muerte, 1));
        let outcomes = join_all(deaths).await;

        let refused: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().err())
            .collect();
        assert_eq!(refused.len(), 5);
        assert!(
            refused
                .iter()
                .all(|status| reason(status) == "NOT_ENOUGH_PLANTS"),
            "{refused:?}"
        );
        assert_eq!(stock.standing(bed.location).await, 0);
        stock.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_sent_many_times_at_once_has_one_effect() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let request = stock.a_batch(bed, 7);

        let calls = (0..10).map(|_| {
            let (mut client, request) = (stock.batches(), stock.ask(request.clone()));
            async move {
                client
                    .create_batch(request)
                    .await
                    .map(tonic::Response::into_inner)
            }
        });
        let answers: Vec<_> = join_all(calls)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();

        let done = answers.iter().filter(|answer| !answer.duplicate).count();
        assert_eq!(done, 1, "the others say that it was done before");
        let batches = answers.iter().map(|answer| &answer.batch);
        assert!(batches.clone().all(|batch| *batch == answers[0].batch));
        assert_eq!(stock.standing(bed.location).await, 7);
        stock.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_sent_many_times_at_once_is_never_refused_for_its_own_effect() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 7).await.batch_id;
        let request = of_batch(&stock, &batch, (Muerte, 7));

        let answers = join_all((0..10).map(|_| enter(&stock, &request))).await;

        let done = answers.iter().map(|answer| answer.as_ref().unwrap());
        assert_eq!(done.filter(|answer| !answer.duplicate).count(), 1);
        assert_eq!(stock.standing(bed.location).await, 0);
        stock.stop().await;
    }
}

#[tokio::test]
async fn the_ledger_cannot_be_changed_even_by_sql() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        stock.given_a_batch(bed, 7).await;
        let connection = stock.connection().await;

        for sql in [
            "UPDATE stock_movements SET quantity = 8",
            "DELETE FROM stock_movements",
            "DELETE FROM stock_batches",
            "DELETE FROM storage_locations",
            "UPDATE stock_batches SET quantity_current = -1",
        ] {
            assert!(connection.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        connection.close().await.unwrap();
        stock.stop().await;
    }
}

#[tokio::test]
async fn pages_tell_every_batch_once_and_a_broken_token_is_refused() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        for quantity in 1..=5 {
            stock.given_a_batch(bed, quantity).await;
        }

        let mut told = Vec::new();
        let mut request = pb::ListBatchesRequest {
            page_size: 2,
            ..Default::default()
        };
        loop {
            let page = stock
                .batches()
                .list_batches(stock.ask(request.clone()))
                .await
                .unwrap()
                .into_inner();
            told.extend(page.batches.iter().map(|batch| batch.quantity_current));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(told, [5, 4, 3, 2, 1]);

        let elsewhere = pb::ListBatchesRequest {
            product_id: bed.product,
            ..request.clone()
        };
        let nonsense = pb::ListBatchesRequest {
            page_token: "nonsense".into(),
            ..request
        };
        for request in [elsewhere, nonsense] {
            let refused = stock
                .batches()
                .list_batches(stock.ask(request))
                .await
                .unwrap_err();
            assert_eq!(
                (refused.code(), refused.message().starts_with("page_token")),
                (Code::InvalidArgument, true)
            );
        }
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_count_by_hand_follows_the_configuration() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let product = stock.given_a_product("Echeveria").await;
        let other = stock.given_a_product("Haworthia").await;
        let bed = crate::harness::Bed {
            location,
            product,
            state: 3,
        };
        let request = pb::CreateManualCountRequest {
            request_id: stock.id(),
            storage_location_id: location,
            product_id: product,
            quantity: 50,
            ..Default::default()
        };
        let count = |request| {
            let (mut client, request) = (stock.movements(), stock.ask(request));
            async move {
                client
                    .create_manual_count(request)
                    .await
                    .map(tonic::Response::into_inner)
            }
        };

        assert_eq!(
            reason(&count(request.clone()).await.unwrap_err()),
            "NO_CONFIGURATION"
        );
        stock.configure(bed).await;
        let mismatch = pb::CreateManualCountRequest {
            product_id: other,
            ..request.clone()
        };
        assert_eq!(
            reason(&count(mismatch).await.unwrap_err()),
            "PRODUCT_MISMATCH"
        );
        let counted = count(request.clone()).await.unwrap();
        assert_eq!(
            counted.movement.unwrap().movement_type(),
            pb::MovementType::ManualInit
        );
        let again = pb::CreateManualCountRequest {
            request_id: stock.id(),
            quantity: 45,
            ..request
        };
        let counted = count(again).await.unwrap();
        assert_eq!(
            (counted.previous_quantity, counted.current_quantity),
            (50, 45)
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_count_by_hand_in_another_packaging_is_refused() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let packaging = stock.ask(crate::catalog::a_packaging("R7-BLK"));
        let packaging = stock
            .catalog()
            .create_packaging(packaging)
            .await
            .unwrap()
            .into_inner();
        let packed = stock.ask(pb::SetLocationConfigurationRequest {
            storage_location_id: bed.location,
            product_id: bed.product,
            product_state_id: bed.state,
            packaging_id: Some(packaging.packaging.unwrap().packaging_id),
            ..Default::default()
        });
        stock
            .configurations()
            .set_location_configuration(packed)
            .await
            .unwrap();

        let count = stock.ask(pb::CreateManualCountRequest {
            request_id: stock.id(),
            storage_location_id: bed.location,
            product_id: bed.product,
            quantity: 50,
            ..Default::default()
        });
        let refused = stock
            .movements()
            .create_manual_count(count)
            .await
            .unwrap_err();

        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert_eq!(reason(&refused), "PACKAGING_MISMATCH");
        stock.stop().await;
    }
}
