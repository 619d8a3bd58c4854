//! One configuration given to many locations at once, and its undoing.

use demeter_proto::stock::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::configurations::{a_line, active, set};
use crate::harness::{Stock, everywhere, number, reason};

fn to_apply(
    stock: &Stock,
    locations: &[i32],
    product: i32,
) -> pb::ApplyLocationConfigurationRequest {
    pb::ApplyLocationConfigurationRequest {
        operation_id: stock.id(),
        storage_location_ids: locations.to_vec(),
        lines: vec![a_line(product)],
        area_cm2: 8000.0,
        ..Default::default()
    }
}

async fn apply(
    stock: &Stock,
    request: &pb::ApplyLocationConfigurationRequest,
) -> Result<pb::ApplyLocationConfigurationResponse, Status> {
    let request = stock.ask(request.clone());
    let answer = stock
        .configurations()
        .apply_location_configuration(request)
        .await?;
    Ok(answer.into_inner())
}

async fn undo(
    stock: &Stock,
    operation_id: &str,
) -> Result<pb::UndoConfigurationOperationResponse, Status> {
    let request = stock.ask(pb::UndoConfigurationOperationRequest {
        operation_id: operation_id.to_owned(),
    });
    let answer = stock
        .configurations()
        .undo_configuration_operation(request)
        .await?;
    Ok(answer.into_inner())
}

/// The products that the locations are configured for; 0 for none.
async fn configured(stock: &Stock, locations: &[i32]) -> Vec<i32> {
    let mut products = Vec::new();
    for location in locations {
        let one = active(stock, *location, "").await;
        products.push(one.map_or(0, |one| one.product_id));
    }
    products
}

/// The fields that a refusal names, with what it says of each.
fn faults(status: &Status) -> Vec<(String, String)> {
    let violations = status.get_details_bad_request().unwrap().field_violations;
    let told = violations
        .into_iter()
        .map(|one| (one.field, one.description));
    told.collect()
}

#[tokio::test]
async fn many_locations_are_configured_at_once_and_undone_at_once() {
    for stock in everywhere().await {
        let places = stock.given_locations(4).await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let single = |location, product| pb::SetLocationConfigurationRequest {
            storage_location_id: location,
            lines: vec![a_line(product)],
            area_cm2: 8000.0,
            ..Default::default()
        };
        set(&stock, single(places[0], aloe)).await.unwrap();
        let same = set(&stock, single(places[1], agave)).await.unwrap();
        // Told in any order.
        let request = to_apply(&stock, &[places[2], places[0], places[1]], agave);

        let applied = apply(&stock, &request).await.unwrap();
        let again = apply(&stock, &request).await.unwrap();

        assert_eq!(again, applied);
        let changed: Vec<_> = applied
            .changes
            .iter()
            .map(|one| (one.storage_location_id, one.changed))
            .collect();
        assert_eq!(
            changed,
            [(places[0], true), (places[1], false), (places[2], true)]
        );
        assert_eq!(applied.operation.as_ref().unwrap().changed_locations, 2);
        assert_eq!(configured(&stock, &places).await, [agave, agave, agave, 0]);

        let undone = undo(&stock, &request.operation_id).await.unwrap();
        let twice = undo(&stock, &request.operation_id).await.unwrap();

        assert_eq!(twice, undone);
        assert_eq!(configured(&stock, &places).await, [aloe, agave, 0, 0]);
        assert_eq!(active(&stock, places[1], "").await.unwrap(), same);
        assert!(undone.operation.unwrap().undo_time.is_some());
        // Three versions of the first, one of the second, one of the third.
        let connection = stock.connection().await;
        let versions = "SELECT COUNT(*) AS n FROM storage_location_config";
        assert_eq!(number(&connection, versions).await, 5);
        connection.close().await.unwrap();
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_operation_names_every_location_and_line_it_cannot_do_and_does_nothing() {
    for stock in everywhere().await {
        let places = stock.given_locations(2).await;
        let aloe = stock.given_a_product("Aloe").await;
        let connection = stock.connection().await;
        let sql = format!(
            "UPDATE storage_locations SET active = FALSE WHERE storage_location_id = {}",
            places[1]
        );
        sea_orm::ConnectionTrait::execute_unprepared(&connection, &sql)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let mut request = to_apply(&stock, &[places[0], 98, places[1]], aloe);
        request.lines.push(a_line(77));

        for dry_run in [true, false] {
            request.dry_run = dry_run;
            let refused = apply(&stock, &request).await.unwrap_err();

            let faults = faults(&refused);
            let fields: Vec<_> = faults.iter().map(|(field, _)| field.as_str()).collect();
            assert_eq!(
                fields,
                [
                    "storage_location_ids[1]",
                    "storage_location_ids[2]",
                    "lines[1]"
                ]
            );
            assert!(
                faults
                    .iter()
                    .all(|(_, says)| says.contains("leave it out") || says.contains("choose"))
            );
        }
        assert_eq!(configured(&stock, &places).await, [0, 0]);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_refusal_of_very_many_locations_still_fits_an_answer() {
    for stock in everywhere().await {
        let places = stock.given_locations(1).await;
        let aloe = stock.given_a_product("Aloe").await;
        let unknown: Vec<i32> = (1000..3000).collect();

        let refused = apply(&stock, &to_apply(&stock, &unknown, aloe))
            .await
            .unwrap_err();
        let too_many: Vec<i32> = (1000..3001).collect();
        let more = apply(&stock, &to_apply(&stock, &too_many, aloe))
            .await
            .unwrap_err();
        let twice = [places[0], places[0]];
        let twice = apply(&stock, &to_apply(&stock, &twice, aloe))
            .await
            .unwrap_err();

        let told = faults(&refused);
        assert_eq!(told.len(), 20);
        assert!(told[19].1.contains("1980 more"), "{told:?}");
        assert_eq!(
            faults(&more)[0].1,
            "must be 1 to 2000 entries, no two the same"
        );
        assert_eq!(
            faults(&twice)[0].1,
            "must be 1 to 2000 entries, no two the same"
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    for stock in everywhere().await {
        let places = stock.given_locations(2).await;
        let aloe = stock.given_a_product("Aloe").await;
        let request = to_apply(&stock, &places, aloe);
        let rehearsal = pb::ApplyLocationConfigurationRequest {
            dry_run: true,
            ..request.clone()
        };

        let rehearsed = apply(&stock, &rehearsal).await.unwrap();

        assert!(rehearsed.operation.is_none());
        assert!(
            rehearsed
                .changes
                .iter()
                .all(|one| one.changed && one.location_configuration_id.is_none())
        );
        assert_eq!(configured(&stock, &places).await, [0, 0]);
        let applied = apply(&stock, &request).await.unwrap();
        assert_eq!(applied.operation.unwrap().changed_locations, 2);
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_operation_is_not_undone_where_somebody_changed_a_location_since() {
    for stock in everywhere().await {
        let places = stock.given_locations(2).await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let request = to_apply(&stock, &places, aloe);
        apply(&stock, &request).await.unwrap();
        let since = pb::SetLocationConfigurationRequest {
            storage_location_id: places[1],
            lines: vec![a_line(agave)],
            ..Default::default()
        };
        set(&stock, since).await.unwrap();

        let refused = undo(&stock, &request.operation_id).await.unwrap_err();
        let unknown = undo(&stock, &stock.id()).await.unwrap_err();

        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::Aborted, "CONFIGURATION_CHANGED")
        );
        assert!(refused.message().contains("C02"), "{}", refused.message());
        assert!(!refused.message().contains("C01"), "{}", refused.message());
        assert_eq!(reason(&unknown), "NOT_FOUND");
        assert_eq!(configured(&stock, &places).await, [aloe, agave]);
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_edit_in_place_of_what_an_operation_made_is_not_undone_either() {
    for stock in everywhere().await {
        let places = stock.given_locations(1).await;
        let aloe = stock.given_a_product("Aloe").await;
        let request = to_apply(&stock, &places, aloe);
        apply(&stock, &request).await.unwrap();
        let made = active(&stock, places[0], "").await.unwrap();
        let edit = pb::UpdateLocationConfigurationRequest {
            location_configuration_id: made.location_configuration_id,
            etag: made.etag,
            lines: vec![a_line(aloe)],
            notes: "by hand".into(),
            ..Default::default()
        };
        stock
            .configurations()
            .update_location_configuration(stock.ask(edit))
            .await
            .unwrap();

        let refused = undo(&stock, &request.operation_id).await.unwrap_err();

        assert_eq!(reason(&refused), "CONFIGURATION_CHANGED");
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_operation_id_has_one_content_and_is_done_once_by_many_at_once() {
    for stock in everywhere().await {
        let places = stock.given_locations(3).await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let request = to_apply(&stock, &places, aloe);

        let answers = futures::future::join_all((0..4).map(|_| apply(&stock, &request))).await;
        let other = pb::ApplyLocationConfigurationRequest {
            operation_id: request.operation_id.clone(),
            ..to_apply(&stock, &places, agave)
        };
        let other = apply(&stock, &other).await.unwrap_err();

        let first = answers[0].as_ref().unwrap();
        assert!(
            answers
                .iter()
                .all(|answer| answer.as_ref().unwrap() == first)
        );
        assert_eq!(reason(&other), "REQUEST_ID_REUSED");
        let connection = stock.connection().await;
        let versions = "SELECT COUNT(*) AS n FROM storage_location_config";
        assert_eq!(number(&connection, versions).await, 3);
        connection.close().await.unwrap();
        stock.stop().await;
    }
}

#[tokio::test]
async fn operations_that_share_locations_come_one_after_the_other() {
    for stock in everywhere().await {
        let places = stock.given_locations(5).await;
        let products = [
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        ];
        let turned: Vec<i32> = places.iter().rev().copied().collect();
        let requests: Vec<_> = (0..8)
            .map(|n| {
                to_apply(
                    &stock,
                    if n % 2 == 0 { &places } else { &turned },
                    products[n % 2],
                )
            })
            .collect();

        let answers =
            futures::future::join_all(requests.iter().map(|one| apply(&stock, one))).await;

        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let now = configured(&stock, &places).await;
        assert!(now.iter().all(|product| *product == now[0]), "{now:?}");
        let request = stock.as_user(
            pb::ListConfigurationOperationsRequest::default(),
            &["config:read"],
        );
        let listed = stock
            .configurations()
            .list_configuration_operations(request)
            .await;
        assert_eq!(listed.unwrap().into_inner().operations.len(), 8);
        stock.stop().await;
    }
}
