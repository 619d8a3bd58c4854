//! A process that is killed loses nothing and counts nothing twice.

use crate::harness::{System, demo, items, on, whole};

const BED: &str = "N01-N-C04";

/// One point of each step of the work, in its order: every life of the system
/// ends at the next one.
const POINTS: [&str; 8] = [
    "after the photo",
    "before located",
    "after located",
    "after analysing",
    "after annotated",
    "after counted",
    "after the posting",
    "after posted",
];

on!(a_count_that_dies_at_every_step_is_there_exactly_once_in_the_end: on_defaults, on_servers, four_processes);
async fn a_count_that_dies_at_every_step_is_there_exactly_once_in_the_end(system: &mut System) {
    let worker = system.user("ROLE_WORKER").await;
    // The photo of the first start shall not meet the power cut.
    let first = worker.take("bed.jpg", demo("bed.jpg"), "").await;
    worker.finished(&first).await;
    let mut points = POINTS.iter();

    system.restart_until(points.next().unwrap()).await;
    let worker = system.user("ROLE_WORKER").await;
    #[expect(
        clippy::disallowed_methods,
        reason = "a client whose server is gone panics, and only its own task"
    )]
    let upload = tokio::spawn(async move {
        let photo = demo("bed_next_month.jpg");
        worker.upload("next.jpg", photo, "").await
    });
    system.until_cut().await;
    // Its client is told nothing, or cannot tell.
    upload.await.ok();
    for point in points {
        system.live_until(point).await;
    }

    system.kill_and_restart().await;
    let worker = system.user("ROLE_WORKER").await;
    let photo = demo("bed_next_month.jpg");
    let session = worker.take("next.jpg", photo, "").await;
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

on!(the_next_start_finds_everything_again: on_defaults, four_processes);
async fn the_next_start_finds_everything_again(system: &mut System) {
    let admin = system.admin().await;
    let first = admin.take("bed.jpg", demo("bed.jpg"), "").await;
    admin.finished(&first).await;
    let bed = admin.location(BED).await;
    let before = admin.plants_in(bed).await;

    system.kill_and_restart().await;

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

on!(the_first_password_is_shown_once: on_defaults);
async fn the_first_password_is_shown_once(system: &mut System) {
    assert!(system.ready_line().contains(system.password()));

    system.kill_and_restart().await;

    assert!(!system.ready_line().contains(system.password()));
    system.admin().await;
}
