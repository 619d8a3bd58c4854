//! Versions of what is to grow in a location.

use chrono::Duration;
use demeter_proto::stock::v1 as pb;
use pb::ConfigurationColor::{Blue, Green, Red, Unspecified, Yellow};
use tonic::{Code, Status};

use crate::harness::{Bed, Stock, everywhere, noon, reason};
use crate::ledger::photo_counts::{a_count, post};

#[tokio::test]
async fn one_configuration_is_active_and_the_old_ones_are_history() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let ask = pb::GetLocationConfigurationRequest {
            storage_location_id: location,
            ..Default::default()
        };
        let nowhere = pb::GetLocationConfigurationRequest {
            storage_location_id: 99,
            ..Default::default()
        };
        let none = stock
            .configurations()
            .get_location_configuration(stock.ask(ask.clone()))
            .await
            .unwrap();
        assert!(none.into_inner().configuration.is_none());
        let refused = stock
            .configurations()
            .get_location_configuration(stock.ask(nowhere))
            .await
            .unwrap_err();
        assert_eq!(reason(&refused), "NOT_FOUND");

        for name in ["Aloe", "Bromelia"] {
            let product = stock.given_a_product(name).await;
            let bed = Bed {
                location,
                product,
                state: 3,
            };
            // The second time, nothing changes.
            stock.configure(bed).await;
            stock.configure(bed).await;
            let active = stock
                .configurations()
                .get_location_configuration(stock.ask(ask.clone()))
                .await
                .unwrap();
            assert_eq!(
                active.into_inner().configuration.unwrap().product_id,
                product
            );
        }

        let connection = stock.connection().await;
        let rows = crate::harness::number(
            &connection,
            "SELECT COUNT(*) AS n FROM storage_location_config",
        )
        .await;
        assert_eq!(rows, 2);
        connection.close().await.unwrap();
        stock.stop().await;
    }
}

/// A line for any container, of a product.
pub(super) fn a_line(product: i32) -> pb::LocationConfigurationLine {
    pb::LocationConfigurationLine {
        product_id: product,
        product_state_id: 3,
        ..Default::default()
    }
}

fn to_set(
    location: i32,
    lines: Vec<pb::LocationConfigurationLine>,
) -> pb::SetLocationConfigurationRequest {
    pb::SetLocationConfigurationRequest {
        storage_location_id: location,
        lines,
        ..Default::default()
    }
}

pub(super) async fn set(
    stock: &Stock,
    request: pb::SetLocationConfigurationRequest,
) -> Result<pb::LocationConfiguration, Status> {
    let request = stock.ask(request);
    let answer = stock
        .configurations()
        .set_location_configuration(request)
        .await?;
    Ok(answer.into_inner().configuration.unwrap())
}

async fn update(
    stock: &Stock,
    of: &pb::LocationConfiguration,
    lines: Vec<pb::LocationConfigurationLine>,
) -> Result<pb::LocationConfiguration, Status> {
    let request = stock.ask(pb::UpdateLocationConfigurationRequest {
        location_configuration_id: of.location_configuration_id,
        etag: of.etag.clone(),
        lines,
        area_cm2: 5000.0,
        notes: "edited".into(),
    });
    let answer = stock
        .configurations()
        .update_location_configuration(request)
        .await?;
    Ok(answer.into_inner().configuration.unwrap())
}

async fn deactivate(
    stock: &Stock,
    of: &pb::LocationConfiguration,
) -> Result<pb::LocationConfiguration, Status> {
    let request = stock.ask(pb::DeactivateLocationConfigurationRequest {
        location_configuration_id: of.location_configuration_id,
        etag: of.etag.clone(),
    });
    let answer = stock
        .configurations()
        .deactivate_location_configuration(request)
        .await?;
    Ok(answer.into_inner().configuration.unwrap())
}

pub(super) async fn active(
    stock: &Stock,
    location: i32,
    as_of: &str,
) -> Option<pb::LocationConfiguration> {
    let request = stock.ask(pb::GetLocationConfigurationRequest {
        storage_location_id: location,
        as_of: as_of.to_owned(),
    });
    let answer = stock
        .configurations()
        .get_location_configuration(request)
        .await;
    answer.unwrap().into_inner().configuration
}

async fn history(stock: &Stock, location: i32, page_size: i32) -> Vec<i32> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = stock.ask(pb::ListLocationConfigurationsRequest {
            storage_location_id: location,
            page_size,
            page_token,
        });
        let answer = stock
            .configurations()
            .list_location_configurations(request)
            .await;
        let page = answer.unwrap().into_inner();
        found.extend(
            page.configurations
                .iter()
                .map(|one| one.location_configuration_id),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

fn refusal(status: &Status) -> (Code, String) {
    (status.code(), reason(status))
}

#[tokio::test]
async fn a_bed_of_several_kinds_is_one_version_with_a_line_for_each() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let boxes = pb::LocationConfigurationLine {
            container_category: pb::BinCategory::Box.into(),
            product_size_id: Some(2),
            ..a_line(aloe)
        };

        let made = set(&stock, to_set(location, vec![boxes, a_line(agave)]))
            .await
            .unwrap();
        let read = active(&stock, location, "").await.unwrap();

        assert_eq!(read, made);
        assert_eq!(read.lines, [boxes, a_line(agave)]);
        // What an empty bed takes: the line for any container.
        assert_eq!(read.product_id, agave);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_new_version_closes_the_one_before_and_history_finds_each_by_its_time() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let products = [
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        ];
        let first = set(&stock, to_set(location, vec![a_line(products[0])]))
            .await
            .unwrap();
        stock.clock.advance(Duration::hours(1));
        let second = set(&stock, to_set(location, vec![a_line(products[1])]))
            .await
            .unwrap();
        stock.clock.advance(Duration::hours(1));
        let closed = deactivate(&stock, &second).await.unwrap();

        let at = |time| active(&stock, location, time);
        let ids = [
            at("2026-10-31T11:59:59Z").await,
            at("2026-10-31T12:00:00Z").await,
            at("2026-10-31T12:59:59Z").await,
            at("2026-10-31T13:00:00Z").await,
            at("2026-10-31T14:00:00Z").await,
            at("").await,
        ]
        .map(|one| one.map(|one| one.location_configuration_id));

        let (first, second) = (
            first.location_configuration_id,
            second.location_configuration_id,
        );
        assert_eq!(
            ids,
            [None, Some(first), Some(first), Some(second), None, None]
        );
        assert_eq!(history(&stock, location, 1).await, [second, first]);
        assert_eq!(history(&stock, location, 0).await, [second, first]);
        assert_eq!(
            closed.close_time.unwrap().seconds,
            (noon() + Duration::hours(2)).timestamp()
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_edit_keeps_the_version_and_whoever_read_it_before_is_refused() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let read = set(&stock, to_set(location, vec![a_line(aloe)]))
            .await
            .unwrap();

        let edited = update(&stock, &read, vec![a_line(agave)]).await.unwrap();
        let late = [
            update(&stock, &read, vec![a_line(aloe)]).await,
            deactivate(&stock, &read).await,
            set(
                &stock,
                pb::SetLocationConfigurationRequest {
                    etag: read.etag.clone(),
                    ..to_set(location, vec![a_line(aloe)])
                },
            )
            .await,
        ];

        assert_eq!(
            edited.location_configuration_id,
            read.location_configuration_id
        );
        assert_eq!((edited.product_id, edited.area_cm2), (agave, 5000.0));
        assert_ne!(edited.etag, read.etag);
        for outcome in late {
            let refused = refusal(&outcome.unwrap_err());
            assert_eq!(refused, (Code::Aborted, "CONFIGURATION_CHANGED".into()));
        }
        assert_eq!(active(&stock, location, "").await.unwrap(), edited);
        stock.stop().await;
    }
}

#[tokio::test]
async fn of_two_who_edit_the_same_version_at_once_one_is_refused() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let read = set(&stock, to_set(location, vec![a_line(aloe)]))
            .await
            .unwrap();

        let (one, other) = tokio::join!(
            update(&stock, &read, vec![a_line(agave)]),
            update(&stock, &read, vec![a_line(agave), a_line(aloe)]),
        );

        let (won, lost) = match (one, other) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("both or none: {both:?}"),
        };
        assert_eq!(
            refusal(&lost),
            (Code::Aborted, "CONFIGURATION_CHANGED".into())
        );
        assert_eq!(active(&stock, location, "").await.unwrap(), won);
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_was_is_not_edited_and_closing_it_again_changes_nothing() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let first = set(&stock, to_set(location, vec![a_line(aloe)]))
            .await
            .unwrap();
        let second = set(&stock, to_set(location, vec![a_line(agave)]))
            .await
            .unwrap();

        let refused = update(&stock, &first, vec![a_line(agave)])
            .await
            .unwrap_err();
        let closed = deactivate(&stock, &first).await.unwrap();

        assert_eq!(
            refusal(&refused),
            (Code::FailedPrecondition, "CONFIGURATION_CLOSED".into())
        );
        assert!(closed.close_time.is_some());
        assert_eq!(active(&stock, location, "").await.unwrap(), second);
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_configured_is_refused_by_field() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let aloe = stock.given_a_product("Aloe").await;
        let line = a_line(aloe);
        let both = pb::SetLocationConfigurationRequest {
            product_id: aloe,
            product_state_id: 3,
            ..to_set(location, vec![line])
        };

        let invalid = (Code::InvalidArgument, "INVALID_FIELD".to_owned());
        let missing = (Code::NotFound, "NOT_FOUND".to_owned());
        for (request, expected) in [
            (to_set(location, vec![line, line]), &invalid),
            (to_set(location, vec![]), &invalid),
            (to_set(location, vec![line; 51]), &invalid),
            (both, &invalid),
            (to_set(location, vec![a_line(0)]), &invalid),
            (to_set(location, vec![line, a_line(99)]), &missing),
            (to_set(99, vec![line]), &missing),
        ] {
            let refused = set(&stock, request.clone()).await.unwrap_err();
            assert_eq!(&refusal(&refused), expected, "{request:?}");
        }
        let unknown = pb::LocationConfiguration {
            location_configuration_id: 99,
            etag: "99-1".into(),
            ..Default::default()
        };
        let edit = update(&stock, &unknown, vec![line]).await.unwrap_err();
        let close = deactivate(&stock, &unknown).await.unwrap_err();
        assert_eq!(
            (refusal(&edit), refusal(&close)),
            (missing.clone(), missing)
        );
        assert!(active(&stock, location, "").await.is_none());
        stock.stop().await;
    }
}

#[tokio::test]
async fn only_those_who_configure_change_what_is_configured() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let supervisor = ["stock:read", "stock:write", "stock:delete", "config:read"];
        let request = to_set(bed.location, vec![a_line(bed.product)]);
        let set = stock
            .configurations()
            .set_location_configuration(stock.as_user(request, &supervisor))
            .await;
        let apply = pb::ApplyLocationConfigurationRequest {
            operation_id: stock.id(),
            storage_location_ids: vec![bed.location],
            lines: vec![a_line(bed.product)],
            ..Default::default()
        };
        let apply = stock
            .configurations()
            .apply_location_configuration(stock.as_user(apply, &supervisor))
            .await;

        for refused in [set.map(drop), apply.map(drop)] {
            assert_eq!(reason(&refused.unwrap_err()), "PERMISSION_MISSING");
        }
        stock.stop().await;
    }
}

/// Codes of the locations of a colour.
async fn colored(stock: &Stock, color: pb::ConfigurationColor) -> Vec<(i32, i32)> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = stock.ask(pb::ListConfiguredLocationsRequest {
            page_size: 1,
            page_token,
            color: color.into(),
            ..Default::default()
        });
        let answer = stock
            .configurations()
            .list_configured_locations(request)
            .await;
        let page = answer.unwrap().into_inner();
        found.extend(
            page.locations
                .iter()
                .map(|one| (one.storage_location_id, one.color)),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

#[tokio::test]
async fn locations_are_listed_by_how_fresh_their_configuration_is() {
    for stock in everywhere().await {
        let places = stock.given_locations(4).await;
        let aloe = stock.given_a_product("Aloe").await;
        set(&stock, to_set(places[0], vec![a_line(aloe)]))
            .await
            .unwrap();
        stock.clock.advance(Duration::days(61));
        set(&stock, to_set(places[1], vec![a_line(aloe)]))
            .await
            .unwrap();
        stock.clock.advance(Duration::days(30));
        set(&stock, to_set(places[2], vec![a_line(aloe)]))
            .await
            .unwrap();

        let of = |color: pb::ConfigurationColor| i32::from(color);
        assert_eq!(colored(&stock, Yellow).await, [(places[0], of(Yellow))]);
        assert_eq!(colored(&stock, Green).await, [(places[1], of(Green))]);
        assert_eq!(colored(&stock, Blue).await, [(places[2], of(Blue))]);
        assert_eq!(colored(&stock, Red).await, [(places[3], of(Red))]);
        let all = [Yellow, Green, Blue, Red].map(of);
        assert_eq!(
            colored(&stock, Unspecified).await,
            places.into_iter().zip(all).collect::<Vec<_>>()
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_count_by_hand_fits_any_line_and_a_photo_of_the_empty_bed_the_main_one() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let boxes = pb::LocationConfigurationLine {
            container_category: pb::BinCategory::Box.into(),
            product_state_id: 5,
            ..a_line(aloe)
        };
        set(&stock, to_set(location, vec![boxes, a_line(agave)]))
            .await
            .unwrap();
        let bed = Bed {
            location,
            product: aloe,
            state: 3,
        };

        post(&stock, &a_count(&stock, bed, 70, 0)).await.unwrap();
        stock.clock.advance(Duration::minutes(10));
        let count = |product| pb::CreateManualCountRequest {
            request_id: stock.id(),
            storage_location_id: location,
            product_id: product,
            quantity: 30,
            ..Default::default()
        };
        let counted = stock
            .movements()
            .create_manual_count(stock.ask(count(aloe)))
            .await;
        let other = stock
            .movements()
            .create_manual_count(stock.ask(count(99)))
            .await;

        assert_eq!(
            counted
                .unwrap()
                .into_inner()
                .batch
                .unwrap()
                .product_state_id,
            5
        );
        assert_eq!(reason(&other.unwrap_err()), "PRODUCT_MISMATCH");
        stock.clock.advance(Duration::minutes(10));
        assert_eq!(
            stock.products_as_of(location, stock.clock.now()).await,
            [(aloe, 30), (agave, 70)]
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_photo_taken_after_the_configuration_was_closed_finds_none() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let configuration = active(&stock, bed.location, "").await.unwrap();
        stock.clock.advance(Duration::minutes(10));
        deactivate(&stock, &configuration).await.unwrap();
        stock.clock.advance(Duration::minutes(20));

        let before = post(&stock, &a_count(&stock, bed, 70, 5)).await.unwrap();
        let after = post(&stock, &a_count(&stock, bed, 60, 15))
            .await
            .unwrap_err();

        assert_eq!(before.current_quantity, 70);
        assert_eq!(reason(&after), "NO_CONFIGURATION");
        stock.stop().await;
    }
}
