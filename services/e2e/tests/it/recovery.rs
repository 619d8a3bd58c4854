//! A process that is killed loses nothing and counts nothing twice.

use crate::harness::{Column, System, demo, items, whole};

const BED: &str = "N01-N-C04";

#[tokio::test]
async fn a_count_that_is_killed_midway_is_there_exactly_once_after_the_next_start() {
    killed_midway(Column::Embedded).await;
}

#[tokio::test]
async fn the_same_on_postgresql_redis_and_s3() {
    killed_midway(Column::Servers).await;
}

async fn killed_midway(column: Column) {
    let Some(system) = System::start(column).await else {
        return;
    };
    let worker = system.user("ROLE_WORKER").await;
    let session = worker
        .take("next.jpg", demo("bed_next_month.jpg"), "")
        .await;

    // The upload is answered before the count, so the kill falls into it.
    let system = system.kill_and_restart();

    let worker = system.user("ROLE_WORKER").await;
    let finished = worker.finished(&session).await;
    assert_eq!(finished["status"], "PROCESSING_STATUS_POSTED", "{finished}");
    let bed = worker.location(BED).await;
    assert_eq!(
        worker.plants_in(bed).await,
        whole(&finished["photo"]["total_detected"])
    );
    let history = worker
        .read(&format!(
            "/api/v1/stock/history?processing_session_id={session}"
        ))
        .await;
    let photos = items(&history, "movements");
    let counts = photos
        .iter()
        .filter(|movement| movement["movement_type"] == "MOVEMENT_TYPE_FOTO")
        .count();
    assert_eq!(counts, 1, "{history}");
}

#[tokio::test]
async fn the_next_start_finds_everything_again() {
    let Some(system) = System::start(Column::Embedded).await else {
        return;
    };
    let bed = system.admin().await.location(BED).await;
    let before = system.admin().await.plants_in(bed).await;

    let system = system.kill_and_restart();

    let admin = system.admin().await;
    assert_eq!(admin.plants_in(bed).await, before);
    let history = admin
        .read(&format!("/api/v1/stock/history?storage_location_id={bed}"))
        .await;
    assert_eq!(
        items(&history, "movements").len(),
        1,
        "the demo photo was posted again: {history}"
    );
    assert!(system.interrupt(), "Ctrl-C did not end the system well");
}
