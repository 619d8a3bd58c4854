//! From a stored photo to a posted count, also when workers die on the way.

use std::sync::Arc;

use chrono::Duration;
use demeter_clock::Ids;
use demeter_config::Env;
use demeter_objects::S3Config;
use demeter_photo::ports::{CallError, Refusal};
use demeter_photo::{Config, build_beside};
use demeter_proto::photo::v1 as pb;
use demeter_proto::photo::v1::ProcessingStatus as Status;
use demeter_testkit::TestDatabase;
use tokio_util::sync::CancellationToken;

use crate::pictures::images::{jpeg, with_exif};
use crate::support::{Hold, Photo, four_plants, with_a_worker};

/// Runs a worker until a call stops at `hold`, then ends it as SIGKILL would.
async fn killed_at(photo: &Photo, owner: &str, hold: &Hold) {
    let worker = photo.worker(owner);
    let never = CancellationToken::new();
    tokio::select! {
        () = hold.reached.notified() => {}
        done = worker.work_once(&never) => panic!("it went through: {done:?}"),
    }
}

#[tokio::test]
async fn a_photo_becomes_a_posted_count() {
    for photo in Photo::all().await {
        *photo.stock.candidates.lock().unwrap() = vec![5, 6];
        let bytes = with_exif(&jpeg(64, 48, 1), 1, Some((33, b"S", 71, b"W")));
        *photo.inference.finds.lock().unwrap() = Some(four_plants());
        let stored = photo.given(&bytes, 0).await;

        photo.work().await;

        let progress = photo.progress(&stored.session_id).await;
        assert_eq!((progress.progress_percent, progress.done), (100, true));
        let kept = progress.photo.unwrap();
        assert_eq!(kept.status(), Status::Posted);
        assert_eq!(
            (kept.storage_location_id, kept.location_candidates),
            (Some(5), 2)
        );
        assert_eq!(
            (kept.total_detected, kept.avg_confidence),
            (Some(4), Some(0.5))
        );
        assert_eq!((kept.plants_low, kept.plants_high), (Some(3), Some(6)));
        assert_eq!(kept.boxes, Some(3));
        assert!(kept.batch_id.is_some() && kept.annotated_url.is_some());
        let postings = photo.stock.postings.lock().unwrap();
        assert_eq!(postings.len(), 1);
        assert_eq!(postings[0].estimate, four_plants().estimate);
        assert_eq!(postings[0].observed_at, photo.clock.now());
    }
}

#[tokio::test]
async fn a_worker_that_dies_during_the_analysis_is_replaced_when_its_lease_ends() {
    for photo in Photo::all().await {
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        let hold = Arc::new(Hold::default());
        *photo.inference.hold.lock().unwrap() = Some(hold.clone());

        killed_at(&photo, "dead/1/0", &hold).await;
        photo.work().await;
        let waiting = photo.progress(&stored.session_id).await;
        photo.clock.advance(Duration::seconds(16));
        photo.work().await;

        assert_eq!(waiting.status(), Status::Analysing, "the lease still holds");
        let done = photo.progress(&stored.session_id).await;
        assert_eq!(done.status(), Status::Posted);
        assert_eq!(*photo.inference.calls.lock().unwrap(), 2);
        assert_eq!(photo.posted().len(), 1);
    }
}

#[tokio::test]
async fn a_worker_that_dies_after_posting_posts_the_same_session_again() {
    for photo in Photo::all().await {
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        let hold = Arc::new(Hold::default());
        *photo.stock.hold.lock().unwrap() = Some(hold.clone());

        killed_at(&photo, "dead/1/0", &hold).await;
        photo.clock.advance(Duration::seconds(16));
        photo.work().await;

        assert_eq!(
            photo.progress(&stored.session_id).await.status(),
            Status::Posted
        );
        assert_eq!(
            *photo.inference.calls.lock().unwrap(),
            1,
            "the count was kept"
        );
        let postings = photo.stock.postings.lock().unwrap().clone();
        assert_eq!(postings.len(), 2);
        assert_eq!(
            postings[0], postings[1],
            "stock sees one and the same posting"
        );
    }
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_writes_nothing() {
    for photo in Photo::all().await {
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        let hold = Arc::new(Hold::default());
        *photo.inference.hold.lock().unwrap() = Some(hold.clone());
        let slow = photo.worker("slow/1/0");
        let never = CancellationToken::new();

        let meanwhile = async {
            hold.reached.notified().await;
            photo.clock.advance(Duration::seconds(16));
            photo.work().await;
            hold.go_on.notify_one();
        };
        let (worked, ()) = tokio::join!(slow.work_once(&never), meanwhile);

        worked.unwrap();
        assert_eq!(
            photo.progress(&stored.session_id).await.status(),
            Status::Posted
        );
        assert_eq!(photo.stock.postings.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_worker_that_is_shut_down_gives_its_lease_back() {
    for photo in Photo::all().await {
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        let hold = Arc::new(Hold::default());
        *photo.inference.hold.lock().unwrap() = Some(hold.clone());
        let polite = photo.worker("polite/1/0");
        let shutdown = CancellationToken::new();

        let stop = async {
            hold.reached.notified().await;
            shutdown.cancel();
        };
        let (outcome, ()) = tokio::join!(polite.work_once(&shutdown), stop);
        outcome.unwrap();
        photo.work().await;

        assert_eq!(
            photo.progress(&stored.session_id).await.status(),
            Status::Posted
        );
    }
}

#[tokio::test]
async fn a_process_that_starts_again_takes_over_at_once() {
    let photo = Photo::sqlite().await;
    let stored = photo.given(&jpeg(64, 48, 1), 1).await;
    let hold = Arc::new(Hold::default());
    *photo.inference.hold.lock().unwrap() = Some(hold.clone());
    killed_at(&photo, "embedded/earlier life/0", &hold).await;

    build_beside(
        photo.config.clone(),
        photo.clock.clone(),
        Ids::random(),
        photo.neighbours(),
    )
    .await
    .unwrap();
    photo.work().await;

    assert_eq!(
        photo.progress(&stored.session_id).await.status(),
        Status::Posted
    );
}

#[tokio::test]
async fn the_workers_of_an_app_are_woken_by_an_upload() {
    let mut apps = vec![Photo::start(TestDatabase::sqlite(), with_a_worker).await];
    apps.extend(on_redis_and_s3().await);
    for photo in apps {
        let hold = Arc::new(Hold::default());
        *photo.stock.hold.lock().unwrap() = Some(hold.clone());

        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        hold.reached.notified().await;
        let counted = photo.progress(&stored.session_id).await;
        hold.go_on.notify_one();

        assert_eq!(counted.status(), Status::Counted);
        while !photo.progress(&stored.session_id).await.done {
            tokio::task::yield_now().await;
        }
        assert_eq!(photo.posted().len(), 1);
    }
}

/// With real servers instead of what one process has in itself.
async fn on_redis_and_s3() -> Option<Photo> {
    let env = Env::from_process();
    let (Some(redis), Some(endpoint)) = (env.lookup("REDIS_URL"), env.lookup("S3_ENDPOINT")) else {
        let what = "Redis and S3, because REDIS_URL or S3_ENDPOINT is not set";
        demeter_testkit::skip(demeter_testkit::Lack::NotPrepared, what);
        return None;
    };
    let id = env.lookup("AWS_ACCESS_KEY_ID")?.to_owned();
    let secret = env.lookup("AWS_SECRET_ACCESS_KEY")?;
    let s3 = S3Config {
        endpoint: Some(endpoint.to_owned()),
        bucket: env
            .lookup("S3_BUCKET")
            .unwrap_or("demeter-photos-original")
            .to_owned(),
        region: "us-east-1".to_owned(),
        credentials: Some((id, secret.into())),
    };
    let change = |config: &mut Config| {
        with_a_worker(config);
        config.redis_url = Some(redis.into());
        config.objects = demeter_objects::Config::S3(s3);
    };
    Some(Photo::start(TestDatabase::sqlite(), change).await)
}

#[tokio::test]
async fn many_workers_take_each_photo_once() {
    for photo in Photo::all().await {
        for seed in 0..6 {
            photo.given(&jpeg(24, 24, seed), 1).await;
        }
        let workers: Vec<_> = (0..3)
            .map(|at| photo.worker(&format!("w/1/{at}")))
            .collect();
        let never = CancellationToken::new();

        let work = workers
            .iter()
            .map(|worker| async { while worker.work_once(&never).await.unwrap() {} });
        futures::future::join_all(work).await;

        assert_eq!(*photo.inference.calls.lock().unwrap(), 6);
        assert_eq!(photo.stock.postings.lock().unwrap().len(), 6);
    }
}

#[tokio::test]
async fn a_photo_without_a_position_waits_for_a_location() {
    for photo in Photo::all().await {
        let stored = photo.given(&jpeg(64, 48, 1), 0).await;
        photo.work().await;
        let waiting = photo.progress(&stored.session_id).await;

        let assign = pb::AssignLocationRequest {
            session_id: stored.session_id.clone(),
            storage_location_id: 8,
        };
        let assigned = photo
            .processing()
            .assign_location(photo.by_worker(assign))
            .await;
        photo.work().await;

        assert_eq!(waiting.status(), Status::NeedsLocation);
        assert!(waiting.done && waiting.photo.unwrap().error_message.is_some());
        let assigned = assigned.unwrap().into_inner().photo.unwrap();
        assert_eq!(
            (assigned.status(), assigned.error_message),
            (Status::Located, None)
        );
        assert_eq!(photo.stock.postings.lock().unwrap()[0].location.get(), 8);
    }
}

#[tokio::test]
async fn a_photo_outside_every_location_waits_for_one() {
    let photo = Photo::sqlite().await;
    let bytes = with_exif(&jpeg(64, 48, 1), 1, Some((33, b"S", 71, b"W")));
    let stored = photo.given(&bytes, 0).await;

    photo.work().await;

    let waiting = photo.progress(&stored.session_id).await;
    assert_eq!(waiting.status(), Status::NeedsLocation);
}

#[tokio::test]
async fn a_location_without_a_configuration_waits_and_is_not_counted_twice() {
    for photo in Photo::all().await {
        let missing = CallError::Refused {
            refusal: Refusal::NoConfiguration,
            message: "nothing grows there".to_owned(),
        };
        photo.stock.failures.add(1, missing);
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        photo.work().await;
        let waiting = photo.progress(&stored.session_id).await;

        photo.retry(&stored.session_id).await.unwrap();
        photo.work().await;

        assert_eq!(
            (waiting.status(), waiting.done),
            (Status::NeedsConfig, true)
        );
        assert_eq!(
            photo.progress(&stored.session_id).await.status(),
            Status::Posted
        );
        assert_eq!(*photo.inference.calls.lock().unwrap(), 1);
    }
}

#[tokio::test]
async fn a_busy_model_is_asked_again_later_and_for_as_long_as_it_takes() {
    for photo in Photo::all().await {
        let busy = CallError::Busy("inference: the queue is full".to_owned());
        photo.inference.failures.add(8, busy);
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;

        for _ in 0..8 {
            photo.work().await;
            let held_up = photo.progress(&stored.session_id).await;
            assert_eq!((held_up.status(), held_up.done), (Status::Analysing, false));
            photo.clock.advance(Duration::seconds(30));
        }
        photo.work().await;

        let done = photo.progress(&stored.session_id).await.photo.unwrap();
        assert_eq!((done.status(), done.error_message), (Status::Posted, None));
    }
}

#[tokio::test]
async fn an_image_the_model_cannot_read_fails_at_once() {
    let photo = Photo::sqlite().await;
    let refused = CallError::Refused {
        refusal: Refusal::Other,
        message: "inference: the bytes do not decode".to_owned(),
    };
    photo.inference.failures.add(1, refused);
    let stored = photo.given(&jpeg(64, 48, 1), 1).await;

    photo.work().await;

    let failed = photo.progress(&stored.session_id).await;
    assert_eq!((failed.status(), failed.done), (Status::Failed, true));
    assert!(
        failed
            .photo
            .unwrap()
            .error_message
            .unwrap()
            .contains("do not decode")
    );
}

#[tokio::test]
async fn a_step_that_keeps_failing_gives_up_and_can_be_started_again() {
    for photo in Photo::all().await {
        let broken = CallError::Broken("stock: internal error".to_owned());
        photo.stock.failures.add(5, broken);
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        for _ in 0..5 {
            photo.work().await;
            photo.clock.advance(Duration::seconds(30));
        }
        let failed = photo.progress(&stored.session_id).await;

        photo.retry(&stored.session_id).await.unwrap();
        photo.work().await;

        assert_eq!(failed.status(), Status::Failed);
        assert_eq!(
            photo.progress(&stored.session_id).await.status(),
            Status::Posted
        );
        assert_eq!(*photo.inference.calls.lock().unwrap(), 1);
    }
}
