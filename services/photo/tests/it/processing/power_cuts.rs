//! A process ends before or after any durable write, and the photo is counted
//! and posted all the same, exactly once.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::Duration;
use demeter_photo::checkpoints::{Checkpoints, Point, Watcher};
use demeter_proto::photo::v1 as pb;
use demeter_proto::photo::v1::ProcessingStatus as Status;
use demeter_testkit::TestDatabase;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::pictures::images::{jpeg, with_exif};
use crate::support::Photo;

/// Writes down every point that is passed, and lets nobody past the one where
/// the power is cut.
#[derive(Debug, Default)]
struct Power {
    passed: Mutex<Vec<Point>>,
    cut_at: Mutex<Option<Point>>,
    is_cut: Notify,
}

#[async_trait]
impl Watcher for Power {
    async fn reached(&self, point: Point) {
        self.passed.lock().unwrap().push(point);
        let cut = *self.cut_at.lock().unwrap() == Some(point);
        if cut {
            self.is_cut.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// The request that every client sends again until it is answered.
fn request() -> pb::UploadPhotosRequest {
    pb::UploadPhotosRequest {
        request_id: Some("0199aaaa-0000-7000-8000-00000000000a".to_owned()),
        ..pb::UploadPhotosRequest::default()
    }
}

fn picture() -> Vec<u8> {
    with_exif(&jpeg(64, 48, 1), 1, Some((33, b"S", 71, b"W")))
}

async fn start(database: TestDatabase, power: &Arc<Power>) -> Photo {
    let checkpoints = Checkpoints::watched_by(power.clone());
    let photo = Photo::start(database, |config| config.checkpoints = checkpoints).await;
    *photo.stock.candidates.lock().unwrap() = vec![5];
    photo
}

/// Uploads and works until all is done, or until the power is cut; then nothing
/// of it goes on.
async fn until_the_power_is_cut(photo: &Photo, power: &Power) {
    let body = picture();
    let all = async {
        photo.upload(&body, request()).await.unwrap();
        photo.work().await;
    };
    tokio::select! {
        () = all => {}
        () = power.is_cut.notified() => {}
    }
}

/// What the client and the next life of the service do.
async fn the_next_life(photo: &Photo) -> pb::UploadedPhoto {
    photo.clock.advance(Duration::minutes(1));
    let answer = photo.upload(&picture(), request()).await.unwrap();
    photo.work().await;
    answer.photos.into_iter().next().unwrap()
}

async fn points() -> Vec<Point> {
    let power = Arc::new(Power::default());
    let photo = start(TestDatabase::sqlite(), &power).await;
    until_the_power_is_cut(&photo, &power).await;
    let passed = power.passed.lock().unwrap();
    let mut points = Vec::new();
    for point in passed.iter() {
        if !points.contains(point) {
            points.push(*point);
        }
    }
    points
}

#[tokio::test]
async fn every_durable_write_of_every_step_is_a_point() {
    let writes: Vec<_> = points()
        .await
        .into_iter()
        .filter_map(|point| match point {
            Point::Before(write) => Some(write),
            Point::After(_) => None,
        })
        .collect();

    assert_eq!(
        writes,
        [
            "the pending upload",
            "original",
            "thumbnail",
            "the photo",
            "the answer",
            "the lease",
            "located",
            "analysing",
            "annotated",
            "counted",
            "the posting",
            "posted",
        ]
    );
}

#[tokio::test]
async fn a_power_cut_at_any_point_loses_nothing_and_counts_nothing_twice() {
    for point in points().await {
        for database in TestDatabase::all().await {
            let engine = database.engine;
            let power = Arc::new(Power::default());
            *power.cut_at.lock().unwrap() = Some(point);
            let photo = start(database, &power).await;

            until_the_power_is_cut(&photo, &power).await;
            *power.cut_at.lock().unwrap() = None;
            let uploaded = the_next_life(&photo).await;

            let told = photo.progress(&uploaded.session_id).await;
            assert_eq!(told.status(), Status::Posted, "{point} on {engine}");
            assert_eq!(photo.posted().len(), 1, "{point} on {engine}");
            let list = photo.by_worker(pb::ListPhotosRequest::default());
            let list = photo.photos().list_photos(list).await.unwrap();
            assert_eq!(list.into_inner().photos.len(), 1, "{point} on {engine}");
            assert_eq!(
                photo.stock.postings.lock().unwrap().len(),
                if point == Point::After("the posting") || point == Point::Before("posted") {
                    2
                } else {
                    1
                },
                "{point} on {engine}: stock keeps one effect per session"
            );
        }
    }
}

/// The lease of the worker that died holds for a while, and nobody jumps in.
#[tokio::test]
async fn a_worker_that_died_keeps_its_session_until_its_lease_ends() {
    let power = Arc::new(Power::default());
    *power.cut_at.lock().unwrap() = Some(Point::Before("counted"));
    let photo = start(TestDatabase::sqlite(), &power).await;
    until_the_power_is_cut(&photo, &power).await;
    *power.cut_at.lock().unwrap() = None;

    let next = photo.worker("next/1/0");
    let took = next.work_once(&CancellationToken::new()).await.unwrap();

    assert!(!took);
}
