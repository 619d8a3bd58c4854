//! Places with what stands in them: lists, and which location covers a point.

use demeter_proto::stock::v1 as pb;
use tonic::Code;

use crate::harness::{claros, everywhere, reason};

#[tokio::test]
async fn overlapping_locations_are_told_nearest_first_and_the_boundary_counts() {
    for stock in everywhere().await {
        let request = claros(&[("Claro 1", 0.0), ("Claro 2", 0.0005), ("Claro 3", 0.0015)]);
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

        let refused = [
            locations.list_storage_areas(stock.ask(areas)).await.err(),
            locations
                .list_storage_locations(stock.ask(claros))
                .await
                .err(),
            locations.list_storage_bins(stock.ask(bins)).await.err(),
            locations.get_storage_location(stock.ask(one)).await.err(),
        ];

        for refused in refused {
            assert_eq!(reason(&refused.unwrap()), "NOT_FOUND");
        }
        stock.stop().await;
    }
}
