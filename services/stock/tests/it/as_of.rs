//! What stood where, at any instant.

use chrono::{DateTime, Duration, Utc};
use demeter_proto::stock::v1 as pb;
use tonic::Code;

use crate::harness::{Bed, Stock, everywhere, noon, reason};
use crate::ledger::photo_counts::{a_count, post};

async fn stock_of(stock: &Stock, request: pb::GetStockRequest) -> pb::GetStockResponse {
    let told = stock.stock().get_stock(stock.ask(request)).await;
    told.unwrap().into_inner()
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339()
}

#[tokio::test]
async fn the_past_is_told_as_it_was_and_as_it_was_known() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let batch = stock.given_a_batch(bed, 100).await.batch_id;
        stock.clock.advance(Duration::hours(2));
        let known_at = rfc3339(stock.clock.now());
        stock.clock.advance(Duration::hours(2));
        let late = pb::CreateMovementRequest {
            request_id: stock.id(),
            batch_id: batch.clone(),
            movement_type: pb::MovementType::Muerte.into(),
            quantity: 10,
            reason_description: String::new(),
            effective_time: Some(prost_types::Timestamp {
                seconds: (noon() + Duration::hours(1)).timestamp(),
                nanos: 0,
            }),
            ..Default::default()
        };
        let late = stock.ask(late);
        stock.movements().create_movement(late).await.unwrap();

        let as_of = rfc3339(noon() + Duration::hours(1));
        let told = |as_of: &str, known_at: &str| {
            let request = pb::GetStockRequest {
                batch_id: batch.clone(),
                as_of: as_of.to_owned(),
                known_at: known_at.to_owned(),
                ..Default::default()
            };
            stock_of(&stock, request)
        };

        assert_eq!(told("", "").await.quantity, 90);
        assert_eq!(told(&as_of, "").await.quantity, 90);
        assert_eq!(told(&as_of, &known_at).await.quantity, 100);
        let before = rfc3339(noon() - Duration::seconds(1));
        let nothing = told(&before, "").await;
        assert_eq!((nothing.quantity, nothing.kinds.len()), (0, 0));
        stock.stop().await;
    }
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one nursery, asked for each of its places"
)]
async fn every_place_product_and_batch_tells_its_kinds() {
    for stock in everywhere().await {
        let product = stock.given_a_product("Echeveria").await;
        let other = stock.given_a_product("Haworthia").await;
        let mut batches = Vec::new();
        let locations = stock.given_locations(2).await;
        for (location, product, quantity) in [
            (locations[0], product, 60),
            (locations[0], other, 40),
            (locations[1], product, 7),
        ] {
            let bed = Bed {
                location,
                product,
                state: 3,
            };
            stock.configure(bed).await;
            batches.push(stock.given_a_batch(bed, quantity).await.batch_id);
        }
        let bed = Bed {
            location: locations[0],
            product,
            state: 3,
        };
        post(&stock, &a_count(&stock, bed, 90, 0)).await.unwrap();

        let everything = pb::GetStockRequest::default();
        let asked = [
            (everything.clone(), vec![(product, 61), (other, 36)]),
            (
                pb::GetStockRequest {
                    warehouse_id: 1,
                    ..everything.clone()
                },
                vec![(product, 61), (other, 36)],
            ),
            (
                pb::GetStockRequest {
                    storage_area_id: 1,
                    product_id: other,
                    ..everything.clone()
                },
                vec![(other, 36)],
            ),
            (
                pb::GetStockRequest {
                    storage_location_id: locations[1],
                    ..everything.clone()
                },
                vec![(product, 7)],
            ),
            (
                pb::GetStockRequest {
                    batch_id: batches[0].clone(),
                    ..everything.clone()
                },
                vec![(product, 54)],
            ),
        ];
        for (request, expected) in asked {
            let told = stock_of(&stock, request.clone()).await;
            let kinds: Vec<_> = told
                .kinds
                .iter()
                .map(|kind| (kind.product_id, kind.quantity))
                .collect();
            assert_eq!(kinds, expected, "{request:?}");
            assert_eq!(
                told.quantity,
                expected.iter().map(|(_, plants)| plants).sum::<i32>()
            );
        }
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_is_not_there_and_no_instant_are_refused_by_field() {
    for stock in everywhere().await {
        stock.given_locations(1).await;
        let everything = pb::GetStockRequest::default();
        for missing in [
            pb::GetStockRequest {
                warehouse_id: 9,
                ..everything.clone()
            },
            pb::GetStockRequest {
                storage_area_id: 9,
                ..everything.clone()
            },
            pb::GetStockRequest {
                storage_location_id: 9,
                ..everything.clone()
            },
            pb::GetStockRequest {
                product_id: 9,
                ..everything.clone()
            },
            pb::GetStockRequest {
                batch_id: stock.id(),
                ..everything.clone()
            },
        ] {
            let refused = stock
                .stock()
                .get_stock(stock.ask(missing))
                .await
                .unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::NotFound, "NOT_FOUND")
            );
        }
        for nonsense in ["yesterday", "2026-13-01T00:00:00Z"] {
            let request = pb::GetStockRequest {
                as_of: nonsense.to_owned(),
                ..everything.clone()
            };
            let refused = stock
                .stock()
                .get_stock(stock.ask(request))
                .await
                .unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument);
            assert!(refused.message().contains("as_of"), "{refused}");
        }
        stock.stop().await;
    }
}
