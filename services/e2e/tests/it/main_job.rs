//! The main job: a photo becomes a count in the ledger.

use serde_json::json;

use crate::harness::{System, User, demo, items, on, truth, whole, without_position};

/// The bed that the bundled photos show.
const BED: &str = "N01-N-C04";

on!(a_photo_becomes_a_count_in_the_ledger: on_defaults, on_servers, four_processes);
async fn a_photo_becomes_a_count_in_the_ledger(system: &System) {
    let worker = system.user("ROLE_WORKER").await;
    let bed = worker.location(BED).await;

    let counted = first_count(&worker, bed).await;
    next_photo_replaces(&worker, bed, counted).await;
    a_photo_without_position_waits_and_goes_on(&worker).await;
    movements_after_the_count(&worker, bed).await;
}

/// Counts the bundled photo, which `demeter up` has done already; uploading it
/// again changes nothing.
async fn first_count(worker: &User, bed: i64) -> i64 {
    let session = worker.take("bed.jpg", demo("bed.jpg"), "").await;
    let finished = worker.finished(&session).await;
    assert_eq!(finished["status"], "PROCESSING_STATUS_POSTED", "{finished}");
    assert_eq!(finished["photo"]["storage_location_id"], bed);
    let counted = whole(&finished["photo"]["total_detected"]);
    let (low, high) = (
        truth("bed.truth.json") * 9 / 10,
        truth("bed.truth.json") * 11 / 10,
    );
    assert!(
        (low..=high).contains(&counted),
        "{counted} plants, not {low} to {high}"
    );
    assert_eq!(worker.plants_in(bed).await, counted);

    let (status, again) = worker.upload("bed.jpg", demo("bed.jpg"), "").await;
    assert!(status.is_success(), "{again}");
    assert_eq!(again["photos"][0]["session_id"], session.as_str());
    assert_eq!(again["photos"][0]["duplicate"], true);
    assert_eq!(worker.plants_in(bed).await, counted);
    let history = worker
        .read(&format!("/api/v1/stock/history?storage_location_id={bed}"))
        .await;
    assert_eq!(items(&history, "movements").len(), 1, "{history}");
    counted
}

async fn next_photo_replaces(worker: &User, bed: i64, before: i64) {
    let session = worker
        .take("next.jpg", demo("bed_next_month.jpg"), "")
        .await;
    let finished = worker.finished(&session).await;
    assert_eq!(finished["status"], "PROCESSING_STATUS_POSTED", "{finished}");
    let counted = whole(&finished["photo"]["total_detected"]);
    assert_ne!(
        counted, before,
        "the second photo shows another number of plants"
    );
    assert_eq!(worker.plants_in(bed).await, counted);
    let history = worker
        .read(&format!(
            "/api/v1/stock/history?processing_session_id={session}"
        ))
        .await;
    let sum: i64 = items(&history, "movements")
        .iter()
        .map(|movement| movement["quantity"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, counted - before);
    pictures(worker, &finished["photo"]).await;
}

async fn pictures(worker: &User, photo: &serde_json::Value) {
    for (field, kind) in [
        ("original_url", "image/jpeg"),
        ("thumbnail_url", "image/jpeg"),
        ("annotated_url", "image/jpeg"),
    ] {
        let response = worker.raw(photo[field].as_str().unwrap()).await;
        assert_eq!(response.headers()["content-type"], kind, "{field}");
        let bytes = response.bytes().await.unwrap();
        image::load_from_memory(&bytes).unwrap_or_else(|error| panic!("{field}: {error}"));
    }
    let gallery = worker.read("/api/v1/photos/gallery").await;
    assert!(items(&gallery, "photos").len() >= 2, "{gallery}");
}

async fn a_photo_without_position_waits_and_goes_on(worker: &User) {
    let session = worker
        .take("lost.jpg", without_position("bed.jpg"), "")
        .await;
    let waiting = worker.finished(&session).await;
    assert_eq!(
        waiting["status"], "PROCESSING_STATUS_NEEDS_LOCATION",
        "{waiting}"
    );

    let elsewhere = worker.location("N02-S-C01").await;
    let path = format!("/api/v1/photos/sessions/{session}/location");
    let (status, body) = worker
        .post(&path, &json!({ "storage_location_id": elsewhere }))
        .await;
    assert!(status.is_success(), "{body}");

    let finished = worker.finished(&session).await;
    assert_eq!(finished["status"], "PROCESSING_STATUS_POSTED", "{finished}");
    assert_eq!(
        worker.plants_in(elsewhere).await,
        whole(&finished["photo"]["total_detected"])
    );
}

async fn movements_after_the_count(worker: &User, bed: i64) {
    let before = worker.plants_in(bed).await;
    let batches = worker
        .read(&format!("/api/v1/stock/batches?storage_location_id={bed}"))
        .await;
    let batch = items(&batches, "batches")[0]["batch_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let death = json!({
        "request_id": uuid::Uuid::from_u128(7).to_string(), "batch_id": batch,
        "movement_type": "MOVEMENT_TYPE_MUERTE", "quantity": 3,
    });
    for _retry in 0..2 {
        let (status, body) = worker.post("/api/v1/stock/movements", &death).await;
        assert!(status.is_success(), "{body}");
    }
    assert_eq!(worker.plants_in(bed).await, before - 3);
}

on!(the_tray_of_nineteen_is_counted_as_seventeen_to_twenty_one: on_defaults, four_processes);
async fn the_tray_of_nineteen_is_counted_as_seventeen_to_twenty_one(system: &System) {
    let Some(tray) = demeter_testkit::shared_file("photos/tray_arabidopsis_19_plants.jpg") else {
        return;
    };
    let worker = system.user("ROLE_WORKER").await;
    let bed = worker.location("N02-N-C02").await;

    let query = format!("?storage_location_id={bed}");
    let session = worker
        .take("tray.jpg", std::fs::read(tray).unwrap(), &query)
        .await;
    let finished = worker.finished(&session).await;

    assert_eq!(finished["status"], "PROCESSING_STATUS_POSTED", "{finished}");
    let counted = whole(&finished["photo"]["total_detected"]);
    assert!((17..=21).contains(&counted), "{counted}");
    assert_eq!(worker.plants_in(bed).await, counted);
}
