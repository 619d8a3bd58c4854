//! A database whose counts and answers still were JSON in text. The fixtures hold
//! nine photos in all stages but `located`, a remembered upload, and one that was
//! cut off; that version of the service made them, on each engine.

use std::path::{Path, PathBuf};

use demeter_config::Env;
use demeter_photo::Config;
use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1 as pb;
use demeter_proto::photo::v1::ProcessingStatus as Status;
use demeter_testkit::TestDatabase;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::pictures::images::jpeg;
use crate::support::{Photo, database_of, three_plants};
use crate::uploads::forms::{form, part};

/// What is told of a photo, by its location: status, plants, batch, why.
type Told = (i32, Status, Option<i32>, bool, Option<&'static str>);

const TOLD: [Told; 9] = [
    (
        0,
        Status::NeedsLocation,
        None,
        false,
        Some("the photo has no GPS position: assign its location"),
    ),
    (3, Status::Received, None, false, None),
    (3, Status::Received, None, false, None),
    (
        3,
        Status::NeedsConfig,
        Some(3),
        false,
        Some("nothing says what grows in the location: configure it, then retry"),
    ),
    (
        4,
        Status::Failed,
        None,
        false,
        Some("inference: the bytes do not decode"),
    ),
    (5, Status::Posted, Some(3), true, None),
    (
        5,
        Status::Failed,
        Some(3),
        false,
        Some("stock: posted with another count"),
    ),
    (
        6,
        Status::Analysing,
        None,
        false,
        Some("inference: the queue is full"),
    ),
    (
        7,
        Status::Counted,
        Some(3),
        false,
        Some("stock: does not answer"),
    ),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// A database as the earlier version left it, on each engine that is there, with
/// the answer that it kept.
async fn left_behind() -> Vec<(TestDatabase, String)> {
    let mut databases = TestDatabase::all().await;
    for database in &mut databases {
        if let Some(path) = database.url().strip_prefix("sqlite://") {
            let content = std::fs::read(fixture("m0001_sqlite.db")).unwrap();
            std::fs::write(path, content).unwrap();
        } else {
            let sql = std::fs::read_to_string(fixture("m0001_postgres.sql")).unwrap();
            let connection = database_of(&config(database)).await;
            connection.execute_unprepared(&sql).await.unwrap();
        }
    }
    let mut kept = Vec::new();
    for database in databases {
        let connection = database_of(&config(&database)).await;
        let ask = Statement::from_string(
            connection.get_database_backend(),
            "SELECT answer FROM upload_requests",
        );
        let row = connection.query_one_raw(ask).await.unwrap().unwrap();
        let answer = row.try_get("", "answer").unwrap();
        kept.push((database, answer));
    }
    kept
}

fn config(database: &TestDatabase) -> Config {
    let env = Env::from_pairs([
        ("DATABASE_URL", database.url()),
        ("IDENTITY_PUBLIC_KEY", "not used"),
        ("PHOTO_CLIENT_SECRET", "not used"),
        ("MESH_TLS", "off"),
    ]);
    Config::from_env(&env).unwrap()
}

/// The upload whose answer is kept.
async fn sent_again(photo: &Photo) -> pb::UploadPhotosResponse {
    let body = form(&[
        part("file", Some("new.jpg"), &jpeg(20, 20, 8)),
        part("file", Some("notes \"1\".jpg"), b"plants"),
        part("file", Some(""), &jpeg(20, 20, 9)),
        part("file", Some("again.jpg"), &jpeg(24, 24, 3)),
        part("storage_location_id", None, b"3"),
    ]);
    let fields = pb::UploadPhotosRequest {
        file: Some(HttpBody {
            content_type: "multipart/form-data; boundary=XX".to_owned(),
            ..HttpBody::default()
        }),
        request_id: Some("0199aaaa-0000-7000-8000-000000000009".to_owned()),
        ..pb::UploadPhotosRequest::default()
    };
    photo.upload(&body, fields).await.unwrap()
}

/// An answer in the words of that version.
fn in_old_words(answer: &pb::UploadPhotosResponse) -> serde_json::Value {
    let word = |status: Status| {
        let name = status
            .as_str_name()
            .trim_start_matches("PROCESSING_STATUS_");
        name.to_lowercase()
    };
    let stored: Vec<_> = answer
        .photos
        .iter()
        .map(|photo| {
            serde_json::json!({
                "photo": photo.photo_id,
                "session": photo.session_id,
                "filename": photo.filename,
                "status": word(photo.status()),
                "duplicate": photo.duplicate,
            })
        })
        .collect();
    let rejected: Vec<_> = answer
        .rejected
        .iter()
        .map(|file| {
            serde_json::json!({
                "filename": file.filename,
                "reason": file.reason,
                "message": file.message,
            })
        })
        .collect();
    serde_json::json!({ "stored": stored, "rejected": rejected })
}

async fn photos(photo: &Photo) -> Vec<pb::Photo> {
    let all = photo.by_worker(pb::ListPhotosRequest::default());
    let list = photo.photos().list_photos(all).await.unwrap();
    list.into_inner().photos
}

#[tokio::test]
async fn an_old_request_id_gets_its_old_answer() {
    for (database, kept) in left_behind().await {
        let photo = Photo::start(database, |_config| {}).await;

        let answer = sent_again(&photo).await;

        let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
        assert_eq!(in_old_words(&answer), kept);
    }
}

#[tokio::test]
async fn an_old_session_tells_the_same() {
    for (database, _kept) in left_behind().await {
        let photo = Photo::start(database, |_config| {}).await;

        let mut told = Vec::new();
        for one in photos(&photo).await {
            let progress = photo.progress(&one.session_id).await;
            assert_eq!(progress.photo, Some(one.clone()));
            told.push(one);
        }

        told.sort_by_key(|one| {
            let status = one.status() as i32;
            (one.storage_location_id, status != 1, status)
        });
        let told: Vec<_> = told
            .iter()
            .map(|one| {
                (
                    one.storage_location_id.unwrap_or_default(),
                    one.status(),
                    one.total_detected,
                    one.batch_id.is_some(),
                    one.error_message.as_deref(),
                )
            })
            .collect();
        assert_eq!(told, TOLD);
    }
}

#[tokio::test]
async fn an_old_count_has_its_boxes_in_order() {
    for (database, _kept) in left_behind().await {
        let photo = Photo::start(database, |_config| {}).await;
        let counted = photos(&photo).await;
        let counted = counted.iter().filter(|one| one.total_detected.is_some());

        let mut seen = 0;
        for one in counted {
            let ask = pb::GetResultRequest {
                session_id: one.session_id.clone(),
            };
            let result = photo.processing().get_result(photo.by_worker(ask)).await;
            let result = result.unwrap().into_inner().result.unwrap();
            let expected = three_plants();
            let boxes: Vec<_> = result
                .detections
                .iter()
                .map(|plant| (plant.r#box.unwrap().x_min, plant.confidence))
                .collect();
            let plants = &expected.detections;
            let plants = plants
                .iter()
                .map(|plant| (plant.rect.x_min, plant.confidence));
            assert_eq!(boxes, plants.collect::<Vec<_>>());
            let model = result.model.unwrap();
            assert_eq!(model.classes, expected.model.classes);
            assert_eq!(model.sha256, expected.model.sha256);
            let parameters = result.parameters.unwrap();
            let overlap = expected.parameters.tile_overlap;
            assert!((parameters.tile_overlap - overlap).abs() < f32::EPSILON);
            assert_eq!(parameters.tile_size_px, expected.parameters.tile_size_px);
            seen += 1;
        }
        assert_eq!(seen, 4);
    }
}

/// Also those that were under way: the objects are not in the fixture, so only
/// what is counted can go on.
#[tokio::test]
async fn an_old_count_that_was_not_posted_is_posted_once() {
    for (database, _kept) in left_behind().await {
        let photo = Photo::start(database, |_config| {}).await;
        photo.clock.advance(chrono::Duration::minutes(10));

        photo.work().await;

        let postings = photo.stock.postings.lock().unwrap().clone();
        assert_eq!(postings.len(), 1);
        assert_eq!(
            (postings[0].location.get(), postings[0].estimate.plants),
            (7, 3)
        );
    }
}
