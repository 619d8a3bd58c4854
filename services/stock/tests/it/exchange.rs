//! What comes in from outside: a place hierarchy as GeoJSON.

use demeter_proto::stock::v1 as pb;
use demeter_stock::PlacesGeoJson;
use demeter_testkit::shared_file;
use tonic_types::StatusExt as _;

use crate::harness::{Stock, claros, collection, everywhere, square};

#[tokio::test]
async fn the_real_nursery_has_28_warehouses_56_areas_and_1290_locations() {
    let text = |name: &str| {
        shared_file(&format!("nursery/{name}.geojson"))
            .map(|path| std::fs::read_to_string(path).unwrap())
    };
    let (Some(warehouses), Some(areas), Some(locations)) =
        (text("naves"), text("canteros"), text("claros"))
    else {
        return;
    };
    for stock in everywhere().await {
        let places = PlacesGeoJson {
            warehouses: warehouses.clone(),
            areas: areas.clone(),
            locations: locations.clone(),
        };

        let first = demeter_stock::import_places(&stock.config, &stock.clock, &places)
            .await
            .unwrap();
        let again = demeter_stock::import_places(&stock.config, &stock.clock, &places)
            .await
            .unwrap();

        assert_eq!(
            (
                first.warehouses,
                first.areas,
                first.locations,
                first.unchanged
            ),
            (28, 56, 1290, 0)
        );
        assert_eq!(
            (
                again.warehouses,
                again.areas,
                again.locations,
                again.unchanged
            ),
            (0, 0, 0, 1374)
        );
        let area = check_warehouse_15(&stock).await;
        check_its_north(&stock, area).await;
        stock.stop().await;
    }
}

/// The key of the northern area of warehouse 15.
async fn check_warehouse_15(stock: &Stock) -> i32 {
    let mut client = stock.locations();
    let request = stock.ask(pb::ListWarehousesRequest::default());
    let naves = client
        .list_warehouses(request)
        .await
        .unwrap()
        .into_inner()
        .warehouses;
    let area: f64 = naves.iter().map(|nave| nave.area_m2).sum();
    assert_eq!(
        (naves[0].code.as_str(), naves[27].code.as_str()),
        ("N01", "N28")
    );
    assert!((area - 10_667.0).abs() < 30.0, "{area}");
    let request = stock.ask(pb::ListStorageAreasRequest {
        warehouse_id: naves[14].warehouse_id,
        ..Default::default()
    });
    let areas = client
        .list_storage_areas(request)
        .await
        .unwrap()
        .into_inner()
        .storage_areas;
    assert_eq!(
        (areas[0].code.as_str(), areas[0].position.as_str()),
        ("N15-N", "N")
    );
    areas[0].storage_area_id
}

/// Each location is found at its own centroid first, although warehouses overlap.
async fn check_its_north(stock: &Stock, area: i32) {
    let mut client = stock.locations();
    let request = stock.ask(pb::ListStorageLocationsRequest {
        storage_area_id: area,
        page_size: 500,
        ..Default::default()
    });
    let claros = client
        .list_storage_locations(request)
        .await
        .unwrap()
        .into_inner()
        .storage_locations;
    assert_eq!((claros.len(), claros[0].code.as_str()), (27, "N15-N-C01"));
    for claro in claros {
        let at = claro.centroid.as_ref().unwrap();
        let request = stock.ask(pb::LocatePointRequest {
            longitude: at.longitude,
            latitude: at.latitude,
        });
        let found = client
            .locate_point(request)
            .await
            .unwrap()
            .into_inner()
            .candidates;
        assert_eq!(found[0].location.as_ref().unwrap().code, claro.code);
        assert!(found[0].centroid_distance_m < 0.01);
    }
}

#[tokio::test]
async fn an_import_is_all_or_nothing_and_tells_every_fault() {
    for stock in everywhere().await {
        let request = pb::ImportPlacesRequest {
            warehouses_geojson: collection(&[
                square(r#""name":"Nave 1""#, 0.0, 0.0, 0.01),
                square(r#""name":"Nave 1""#, 0.0, 0.0, 0.01),
            ]),
            areas_geojson: collection(&[square(
                r#""label":"Cantero Sur","nave":"Nave 7""#,
                0.0,
                0.0,
                0.01,
            )]),
            locations_geojson: "{\"type\": 7".into(),
        };

        let refused = stock
            .exchange()
            .import_places(stock.ask(request))
            .await
            .unwrap_err();

        let violations = refused.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<_> = violations
            .iter()
            .map(|violation| violation.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "warehouses_geojson.features[1]",
                "areas_geojson.features[0]",
                "locations_geojson"
            ]
        );
        let warehouses = stock
            .locations()
            .list_warehouses(stock.ask(pb::ListWarehousesRequest::default()))
            .await
            .unwrap();
        assert!(warehouses.into_inner().warehouses.is_empty());
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_place_with_another_outline_is_updated_and_found_where_it_is_now() {
    for stock in everywhere().await {
        let location = stock.given_a_location().await;
        let request = claros(&[("Claro 1", 0.002)]);

        let imported = stock
            .exchange()
            .import_places(stock.ask(request))
            .await
            .unwrap()
            .into_inner();

        assert_eq!((imported.locations, imported.unchanged), (1, 2));
        let old = pb::LocatePointRequest {
            longitude: 0.0005,
            latitude: 0.0005,
        };
        let new = pb::LocatePointRequest {
            longitude: 0.0025,
            latitude: 0.0005,
        };
        assert!(
            stock
                .locations()
                .locate_point(stock.ask(old))
                .await
                .is_err()
        );
        let found = stock
            .locations()
            .locate_point(stock.ask(new))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            found.candidates[0]
                .location
                .as_ref()
                .unwrap()
                .storage_location_id,
            location
        );
        stock.stop().await;
    }
}
