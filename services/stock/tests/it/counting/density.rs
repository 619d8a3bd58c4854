//! How densely plants stand, and its calibration with counts.

use chrono::Duration;
use demeter_proto::stock::v1 as pb;
use tonic::{Code, Status};

use crate::harness::{Bed, Stock, everywhere, reason};
use crate::ledger::photo_counts::{a_count, post};

fn a_density(product: i32) -> pb::CreateDensityParametersRequest {
    pb::CreateDensityParametersRequest {
        product_id: product,
        avg_area_per_plant_cm2: Some(50.0),
        ..Default::default()
    }
}

async fn create(
    stock: &Stock,
    request: pb::CreateDensityParametersRequest,
) -> Result<pb::DensityParameters, Status> {
    let request = stock.ask(request);
    let answer = stock.densities().create_density_parameters(request).await?;
    Ok(answer.into_inner().density_parameters.unwrap())
}

async fn list(stock: &Stock, product: i32) -> Vec<pb::DensityParameters> {
    let request = pb::ListDensityParametersRequest {
        product_id: product,
        ..Default::default()
    };
    let request = stock.as_user(request, &["config:read"]);
    let answer = stock.densities().list_density_parameters(request).await;
    answer.unwrap().into_inner().density_parameters
}

fn a_calibration(
    stock: &Stock,
    density: i32,
    plants: i32,
    area: f64,
) -> pb::CalibrateDensityParametersRequest {
    pb::CalibrateDensityParametersRequest {
        request_id: stock.id(),
        density_parameters_id: density,
        plants: Some(plants),
        area_cm2: Some(area),
        ..Default::default()
    }
}

async fn calibrate(
    stock: &Stock,
    request: &pb::CalibrateDensityParametersRequest,
) -> Result<pb::DensityCalibration, Status> {
    let request = stock.ask(request.clone());
    let answer = stock
        .densities()
        .calibrate_density_parameters(request)
        .await?;
    Ok(answer.into_inner().calibration.unwrap())
}

/// A bed that is configured for one product on so many square centimetres.
async fn a_bed_of(stock: &Stock, area_cm2: f64) -> Bed {
    let bed = stock.given_a_bed().await;
    let request = pb::SetLocationConfigurationRequest {
        storage_location_id: bed.location,
        product_id: bed.product,
        product_state_id: bed.state,
        area_cm2,
        ..Default::default()
    };
    stock
        .configurations()
        .set_location_configuration(stock.ask(request))
        .await
        .unwrap();
    bed
}

#[tokio::test]
async fn a_density_is_told_either_way_and_each_kind_of_stand_has_one() {
    for stock in everywhere().await {
        let (aloe, agave) = (
            stock.given_a_product("Aloe").await,
            stock.given_a_product("Agave").await,
        );
        let any = create(&stock, a_density(aloe)).await.unwrap();
        let in_boxes = pb::CreateDensityParametersRequest {
            container_category: pb::BinCategory::Box.into(),
            avg_area_per_plant_cm2: None,
            plants_per_m2: Some(400.0),
            overlap_factor: Some(1.0),
            avg_diameter_cm: Some(5.5),
            ..a_density(aloe)
        };
        let boxes = create(&stock, in_boxes).await.unwrap();
        create(&stock, a_density(agave)).await.unwrap();

        let again = create(&stock, a_density(aloe)).await.unwrap_err();

        assert_eq!(
            (any.plants_per_m2, any.overlap_factor, any.calibrated_with),
            (200.0, 0.85, 0)
        );
        assert_eq!(
            (boxes.avg_area_per_plant_cm2, boxes.avg_diameter_cm),
            (25.0, Some(5.5))
        );
        assert_eq!(
            (again.code(), reason(&again).as_str()),
            (Code::AlreadyExists, "DENSITY_EXISTS")
        );
        assert_eq!(list(&stock, aloe).await, [any, boxes]);
        assert_eq!(list(&stock, 0).await.len(), 3);
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_a_density_is_refused_by_field() {
    for stock in everywhere().await {
        let aloe = stock.given_a_product("Aloe").await;
        let both = pb::CreateDensityParametersRequest {
            plants_per_m2: Some(10.0),
            ..a_density(aloe)
        };
        let neither = pb::CreateDensityParametersRequest {
            avg_area_per_plant_cm2: None,
            ..a_density(aloe)
        };
        let overlap = |factor| pb::CreateDensityParametersRequest {
            overlap_factor: Some(factor),
            ..a_density(aloe)
        };
        let packed = pb::CreateDensityParametersRequest {
            packaging_id: Some(99),
            ..a_density(aloe)
        };
        for (request, expected) in [
            (both, "INVALID_FIELD"),
            (neither, "INVALID_FIELD"),
            (overlap(0.0), "INVALID_FIELD"),
            (overlap(1.5), "INVALID_FIELD"),
            (overlap(f64::NAN), "INVALID_FIELD"),
            (a_density(0), "INVALID_FIELD"),
            (a_density(99), "NOT_FOUND"),
            (packed, "NOT_FOUND"),
        ] {
            let refused = create(&stock, request.clone()).await.unwrap_err();
            assert_eq!(reason(&refused), expected, "{request:?}");
        }
        let worker = stock.as_user(
            a_density(aloe),
            &["stock:read", "stock:write", "config:read"],
        );
        let refused = stock
            .densities()
            .create_density_parameters(worker)
            .await
            .unwrap_err();
        assert_eq!(reason(&refused), "PERMISSION_MISSING");
        stock.stop().await;
    }
}

/// The area of a plant, and the counts that it follows from.
fn outcome(calibration: &pb::DensityCalibration) -> (f64, i32) {
    (
        calibration.avg_area_per_plant_cm2,
        calibration.calibrated_with,
    )
}

/// A calibration with a count of the ledger: a photo's, or one by hand.
fn by_count(
    stock: &Stock,
    density: i32,
    (photo, hand): (Option<String>, Option<String>),
    area_cm2: Option<f64>,
) -> pb::CalibrateDensityParametersRequest {
    pb::CalibrateDensityParametersRequest {
        request_id: stock.id(),
        density_parameters_id: density,
        processing_session_id: photo,
        manual_count_id: hand,
        plants: None,
        area_cm2,
    }
}

#[tokio::test]
async fn counts_on_known_areas_calibrate_together() {
    for stock in everywhere().await {
        let bed = a_bed_of(&stock, 10_000.0).await;
        let density = create(&stock, a_density(bed.product)).await.unwrap();
        let id = density.density_parameters_id;
        stock.clock.advance(Duration::minutes(1));
        let photo = a_count(&stock, bed, 100, 0);
        post(&stock, &photo).await.unwrap();
        let count = pb::CreateManualCountRequest {
            request_id: stock.id(),
            storage_location_id: bed.location,
            product_id: bed.product,
            quantity: 300,
            ..Default::default()
        };
        let count = stock.ask(count);
        let counted = stock.movements().create_manual_count(count).await.unwrap();
        let hand = counted.into_inner().movement.unwrap().manual_count_id;

        // On the area that the bed is configured with.
        let by_photo = (Some(photo.processing_session_id), None);
        let by_photo = by_count(&stock, id, by_photo, None);
        let first = calibrate(&stock, &by_photo).await.unwrap();
        let by_hand = by_count(&stock, id, (None, hand), Some(20_000.0));
        let second = calibrate(&stock, &by_hand).await.unwrap();

        // 10,000 * 0.85 / 100, then 30,000 * 0.85 / 400.
        assert_eq!((outcome(&first), first.area_cm2), ((85.0, 1), 10_000.0));
        assert_eq!((outcome(&second), second.plants), ((63.75, 2), 300));
        let now = list(&stock, bed.product).await.pop().unwrap();
        assert_eq!(
            (now.avg_area_per_plant_cm2, now.calibrated_with),
            (63.75, 2)
        );
        let request = pb::ListDensityCalibrationsRequest {
            density_parameters_id: id,
            ..Default::default()
        };
        let request = stock.as_user(request, &["config:read"]);
        let listed = stock.densities().list_density_calibrations(request).await;
        assert_eq!(listed.unwrap().into_inner().calibrations, [second, first]);
        stock.stop().await;
    }
}

#[tokio::test]
async fn who_states_a_density_anew_has_read_it_and_counts_of_before_say_nothing_more() {
    for stock in everywhere().await {
        let aloe = stock.given_a_product("Aloe").await;
        let density = create(&stock, a_density(aloe)).await.unwrap();
        let id = density.density_parameters_id;
        stock.clock.advance(Duration::minutes(1));
        let before = a_calibration(&stock, id, 100, 10_000.0);
        calibrate(&stock, &before).await.unwrap();
        let now = list(&stock, aloe).await.pop().unwrap();
        let update = |etag: &str| {
            stock.ask(pb::UpdateDensityParametersRequest {
                density_parameters_id: id,
                etag: etag.to_owned(),
                avg_area_per_plant_cm2: Some(40.0),
                overlap_factor: Some(1.0),
                ..Default::default()
            })
        };

        let late = update(&density.etag);
        let late = stock.densities().update_density_parameters(late).await;
        let stated = update(&now.etag);
        let stated = stock.densities().update_density_parameters(stated).await;
        stock.clock.advance(Duration::minutes(1));
        let after = a_calibration(&stock, id, 10, 300.0);
        let after = calibrate(&stock, &after).await.unwrap();

        let late = late.unwrap_err();
        assert_eq!(
            (late.code(), reason(&late).as_str()),
            (Code::Aborted, "DENSITY_CHANGED")
        );
        let stated = stated.unwrap().into_inner().density_parameters.unwrap();
        assert_eq!(
            (stated.avg_area_per_plant_cm2, stated.calibrated_with),
            (40.0, 0)
        );
        assert_eq!(outcome(&after), (30.0, 1));
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_calibration_is_done_once_and_a_count_calibrates_once() {
    for stock in everywhere().await {
        let bed = a_bed_of(&stock, 10_000.0).await;
        let id = create(&stock, a_density(bed.product))
            .await
            .unwrap()
            .density_parameters_id;
        stock.clock.advance(Duration::minutes(1));
        let photo = a_count(&stock, bed, 100, 0);
        post(&stock, &photo).await.unwrap();
        let request = pb::CalibrateDensityParametersRequest {
            processing_session_id: Some(photo.processing_session_id.clone()),
            plants: None,
            area_cm2: None,
            ..a_calibration(&stock, id, 1, 1.0)
        };

        let answers = futures::future::join_all((0..4).map(|_| calibrate(&stock, &request))).await;
        let another = pb::CalibrateDensityParametersRequest {
            request_id: stock.id(),
            ..request.clone()
        };
        let again = calibrate(&stock, &another).await.unwrap_err();
        let other = pb::CalibrateDensityParametersRequest {
            area_cm2: Some(5.0),
            ..request.clone()
        };
        let reused = calibrate(&stock, &other).await.unwrap_err();

        let first = answers[0].as_ref().unwrap();
        assert!(
            answers
                .iter()
                .all(|answer| answer.as_ref().unwrap() == first)
        );
        assert_eq!(
            (again.code(), reason(&again).as_str()),
            (Code::AlreadyExists, "CALIBRATION_EXISTS")
        );
        assert_eq!(reason(&reused), "REQUEST_ID_REUSED");
        assert_eq!(list(&stock, bed.product).await[0].calibrated_with, 1);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_count_of_other_plants_of_none_or_of_an_unknown_area_does_not_calibrate() {
    for stock in everywhere().await {
        let bed = stock.given_a_bed().await;
        let agave = stock.given_a_product("Agave").await;
        let id = create(&stock, a_density(bed.product))
            .await
            .unwrap()
            .density_parameters_id;
        let other = create(&stock, a_density(agave))
            .await
            .unwrap()
            .density_parameters_id;
        stock.clock.advance(Duration::minutes(10));
        let (some, none) = (a_count(&stock, bed, 100, 0), a_count(&stock, bed, 0, 1));
        post(&stock, &some).await.unwrap();
        post(&stock, &none).await.unwrap();
        let by = |density, session: &str, area| pb::CalibrateDensityParametersRequest {
            request_id: stock.id(),
            density_parameters_id: density,
            processing_session_id: Some(session.to_owned()),
            manual_count_id: None,
            plants: None,
            area_cm2: area,
        };
        let both = pb::CalibrateDensityParametersRequest {
            plants: Some(5),
            ..by(id, &some.processing_session_id, None)
        };

        for (request, expected) in [
            (
                by(other, &some.processing_session_id, Some(10.0)),
                "PRODUCT_MISMATCH",
            ),
            (
                by(id, &none.processing_session_id, Some(10.0)),
                "NOTHING_COUNTED",
            ),
            (by(id, &some.processing_session_id, None), "NO_AREA"),
            (by(id, &stock.id(), Some(10.0)), "NOT_FOUND"),
            (by(99, &some.processing_session_id, Some(10.0)), "NOT_FOUND"),
            (both, "INVALID_FIELD"),
        ] {
            let refused = calibrate(&stock, &request).await.unwrap_err();
            assert_eq!(reason(&refused), expected, "{request:?}");
        }
        assert_eq!(
            list(&stock, 0)
                .await
                .iter()
                .map(|one| one.calibrated_with)
                .sum::<i32>(),
            0
        );
        stock.stop().await;
    }
}
