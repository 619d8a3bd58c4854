//! A service is as many processes as run behind its name, and may lose one.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::harness::{System, User, demo, items, twins, whole};

const STOCK: usize = 1;
const INFERENCE: usize = 3;
const UPLOADS: usize = 20;
/// Uploads before processes are killed, and how many of them are in the ledger then
/// at least; the others come while two processes hold their calls and die.
const EARLY: usize = 15;
const BEFORE_THE_LOSS: usize = 5;
/// Uploads of one user that are taken at the same time.
const AT_ONCE: usize = 4;
/// So long, processes that will die take calls and answer none.
const FROZEN: Duration = Duration::from_secs(1);
/// What the photo service calls, and in this test nobody else does.
const FROM_PHOTO: [&str; 3] = ["GetStorageLocation", "PostPhotoCount", "CountPlants"];
/// A side of the pictures: some plants of the bundled photo, quickly counted.
const SIDE: u32 = 480;

/// One upload: its photo's bed and session.
struct Upload {
    bed: i64,
    session: String,
}

#[tokio::test]
async fn one_of_two_stocks_and_one_of_two_inferences_die_and_every_upload_is_posted_once() {
    let Some(mut system) = twins().await else {
        return;
    };
    let worker = system.user("ROLE_WORKER").await;
    let mut photos = photos(&worker).await;
    let late = photos.split_off(EARLY);

    let mut uploads = upload(&worker, photos).await;
    until_posted(&worker, BEFORE_THE_LOSS).await;
    for page in pages(&system) {
        assert!(calls(&page).await > 0, "{page}: nobody has called it");
    }
    // So that they die with calls in their hands, however fast they are.
    system.freeze_first(STOCK);
    system.freeze_first(INFERENCE);
    let killed = async {
        tokio::time::sleep(FROZEN).await;
        system.kill_first(STOCK);
        system.kill_first(INFERENCE);
    };
    let (more, ()) = tokio::join!(upload(&worker, late), killed);
    uploads.extend(more);

    let mut sum = 0;
    for Upload { bed, session } in uploads {
        let finished = worker.finished(&session).await;
        assert_eq!(finished["status"], "PROCESSING_STATUS_POSTED", "{finished}");
        let counted = whole(&finished["photo"]["total_detected"]);
        assert_eq!(worker.plants_in(bed).await, counted);
        assert_eq!(entered(&worker, &session).await, [counted], "{session}");
        sum += counted;
    }
    assert!(sum > 0, "no picture shows a plant");
    assert_eq!(stock(&worker).await, sum);
}

#[tokio::test]
async fn a_process_that_comes_back_is_called_again() {
    let Some(mut system) = twins().await else {
        return;
    };
    let worker = system.user("ROLE_WORKER").await;
    for service in [STOCK, INFERENCE] {
        system.kill_first(service);
        system.start_first(service).await;
    }

    for photo in photos(&worker).await {
        for Upload { session, .. } in upload(&worker, vec![photo]).await {
            worker.finished(&session).await;
        }
        let mut all_are_called = true;
        for page in pages(&system) {
            all_are_called &= calls(&page).await > 0;
        }
        if all_are_called {
            return;
        }
    }
    panic!("{UPLOADS} photos went past a process that is there");
}

/// The pages of metrics of every process that has a twin.
fn pages(system: &System) -> Vec<String> {
    let pages = [STOCK, INFERENCE].map(|service| system.ops(service, "/metrics"));
    pages.concat()
}

/// Twenty beds, and a photo for each.
async fn photos(worker: &User) -> Vec<(i64, Vec<u8>)> {
    let photos: Vec<_> = beds(worker).await.into_iter().zip(pictures()).collect();
    assert_eq!(photos.len(), UPLOADS, "too few beds");
    photos
}

/// Uploads photos, as many at once as a user may; every one is taken.
async fn upload(worker: &User, photos: Vec<(i64, Vec<u8>)>) -> Vec<Upload> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for (bed, picture) in photos {
        let (worker, places) = (worker.clone(), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let query = format!("?storage_location_id={bed}");
            let session = worker.take("part.jpg", picture, &query).await;
            Upload { bed, session }
        });
    }
    tasks.join_all().await
}

/// Twenty parts of the bundled photo, none like another.
fn pictures() -> Vec<Vec<u8>> {
    let whole = image::load_from_memory(&demo("bed.jpg")).unwrap();
    let space = (whole.width() - SIDE, whole.height() - SIDE);
    let steps = u32::try_from(UPLOADS).unwrap() - 1;
    let part = |step: u32| {
        let (x, y) = (space.0 * step / steps, space.1 * (step * 7 % steps) / steps);
        let mut bytes = std::io::Cursor::new(Vec::new());
        let part = whole.crop_imm(x, y, SIDE, SIDE);
        part.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    };
    (0..=steps).map(part).collect()
}

/// Every location of the nursery.
async fn beds(worker: &User) -> Vec<i64> {
    let mut beds = Vec::new();
    let warehouses = worker.read("/api/v1/locations/warehouses").await;
    for warehouse in items(&warehouses, "warehouses") {
        let id = &warehouse["warehouse_id"];
        let areas = format!("/api/v1/locations/warehouses/{id}/areas");
        for area in items(&worker.read(&areas).await, "storage_areas") {
            let id = &area["storage_area_id"];
            let locations = format!("/api/v1/locations/areas/{id}/locations");
            let locations = worker.read(&locations).await;
            let locations = items(&locations, "storage_locations").into_iter();
            beds.extend(locations.filter_map(|bed| bed["storage_location_id"].as_i64()));
        }
    }
    beds
}

async fn until_posted(worker: &User, uploads: usize) {
    while posted(worker).await < uploads {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Photos in the ledger.
async fn posted(worker: &User) -> usize {
    let photos = worker.read("/api/v1/photos/gallery?page_size=100").await;
    let is_posted = |photo: &Value| photo["status"] == "PROCESSING_STATUS_POSTED";
    let photos = items(&photos, "photos");
    photos.iter().filter(|photo| is_posted(photo)).count()
}

/// Calls of the photo service that a process has answered, by its page of metrics.
async fn calls(page: &str) -> i64 {
    let metrics = reqwest::get(page).await.unwrap();
    assert_eq!(metrics.status(), StatusCode::OK);
    let text = metrics.text().await.unwrap();
    let counts = text.lines().filter(|line| {
        let is_count = line.starts_with("demeter_rpc_server_duration_seconds_count{");
        is_count && FROM_PHOTO.iter().any(|rpc| line.contains(rpc))
    });
    let counts = counts.filter_map(|line| line.rsplit(' ').next()?.parse::<i64>().ok());
    counts.sum()
}

/// What a session has put into the ledger.
async fn entered(worker: &User, session: &str) -> Vec<i64> {
    let path = format!("/api/v1/stock/history?processing_session_id={session}");
    let history = worker.read(&path).await;
    let movements = items(&history, "movements").into_iter();
    movements
        .filter_map(|movement| movement["quantity"].as_i64())
        .collect()
}

/// Plants of the whole nursery: what all batches hold, and all movements add up to.
async fn stock(worker: &User) -> i64 {
    let sum = |list: &Value, field, quantity| -> i64 {
        let items = items(list, field).into_iter();
        items
            .filter_map(|item: Value| item[quantity].as_i64())
            .sum()
    };
    let batches = worker.read("/api/v1/stock/batches?page_size=100").await;
    let history = worker.read("/api/v1/stock/history?page_size=100").await;
    let held = sum(&batches, "batches", "quantity_current");
    assert_eq!(sum(&history, "movements", "quantity"), held);
    held
}
