//! Places with what stands in them: lists, and which location covers a point.

use demeter_proto::stock::v1 as pb;
use tonic::Code;

use crate::harness::{collection, everywhere, reason, square};

#[tokio::test]
async fn overlapping_locations_are_told_nearest_first_and_the_boundary_counts() {
    for stock in everywhere().await {
        let claro = |name: &str, west: f64| {
            let properties = format!(r#""label":"{name}","cantero":"Cantero Sur","nave":"Nave 1""#);
            square(&properties, west, 0.0, 0.001)
        };
        let request = pb::ImportPlacesRequest {
            warehouses_geojson: collection(&[square(r#""name":"Nave 1""#, 0.0, 0.0, 0.01)]),
            areas_geojson: collection(&[square(
                r#""label":"Cantero Sur","nave":"Nave 1""#,
                0.0,
                0.0,
                0.01,
            )]),
            locations_geojson: collection(&[
                claro("Claro 1", 0.0),
                claro("Claro 2", 0.0005),
                claro("Claro 3", 0.0015),
            ]),
        };
        let imported = stock
            .exchange()
            .import_places(stock.ask(request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (
                imported.warehouses,
                imported.areas,
                imported.locations,
                imported.unchanged
            ),
            (1, 1, 3, 0)
        );

        let found = async |longitude: f64| {
            let point = pb::LocatePointRequest {
                longitude,
                latitude: 0.0005,
            };
            let found = stock.locations().locate_point(stock.ask(point)).await;
            found.map(|found| {
                let codes = found
                    .into_inner()
                    .candidates
                    .into_iter()
                    .map(|one| one.location.unwrap().name);
                codes.collect::<Vec<_>>()
            })
        };
        assert_eq!(found(0.0006).await.unwrap(), ["Claro 1", "Claro 2"]);
        assert_eq!(found(0.0009).await.unwrap(), ["Claro 2", "Claro 1"]);
        assert_eq!(found(0.0025).await.unwrap(), ["Claro 3"]);
        assert_eq!(found(0.0015).await.unwrap(), ["Claro 2", "Claro 3"]);
        let refused = found(0.5).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::NotFound, "OUTSIDE_ALL_LOCATIONS".into())
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    for stock in everywhere().await {
        let mut locations = stock.locations();
        let areas = pb::ListStorageAreasRequest {
            warehouse_id: 9,
            ..Default::default()
        };
        let claros = pb::ListStorageLocationsRequest {
            storage_area_id: 9,
            ..Default::default()
        };
        let bins = pb::ListStorageBinsRequest {
            storage_location_id: 9,
            ..Default::default()
        };
        let one = pb::GetStorageLocationRequest {
            storage_location_id: 9,
        };

        assert_eq!(
            reason(
                &locations
                    .list_storage_areas(stock.ask(areas))
                    .await
                    .unwrap_err()
            ),
            "NOT_FOUND"
        );
        assert_eq!(
            reason(
                &locations
                    .list_storage_locations(stock.ask(claros))
                    .await
                    .unwrap_err()
            ),
            "NOT_FOUND"
        );
        assert_eq!(
            reason(
                &locations
                    .list_storage_bins(stock.ask(bins))
                    .await
                    .unwrap_err()
            ),
            "NOT_FOUND"
        );
        assert_eq!(
            reason(
                &locations
                    .get_storage_location(stock.ask(one))
                    .await
                    .unwrap_err()
            ),
            "NOT_FOUND"
        );
        stock.stop().await;
    }
}
