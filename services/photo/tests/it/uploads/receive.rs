//! Taking photos in.

use chrono::Duration;
use demeter_photo::housekeeping::sweep;
use demeter_photo::pictures::{Format, Variant};
use demeter_photo::ports::SessionId;
use demeter_photo::processing::store::sessions;
use demeter_photo::uploads::store::pending::{self, StaleUpload};
use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1 as pb;
use demeter_testkit::{TestDatabase, shared_file};
use tonic::{Code, Status};
use uuid::Uuid;

use super::forms::{form, part};
use crate::pictures::images::{encoded, huge, jpeg};
use crate::support::{Photo, reason};

/// A request id that nobody has used.
const NEW_REQUEST: &str = "0199aaaa-0000-7000-8000-000000000009";

fn fields() -> pb::UploadPhotosRequest {
    pb::UploadPhotosRequest::default()
}

fn multipart() -> pb::UploadPhotosRequest {
    pb::UploadPhotosRequest {
        file: Some(HttpBody {
            content_type: "multipart/form-data; boundary=XX".to_owned(),
            ..HttpBody::default()
        }),
        ..fields()
    }
}

async fn refused(photo: &Photo, body: &[u8]) -> Status {
    let refused = photo.upload(body, fields()).await.unwrap_err();
    assert!(
        !photo.objects_dir.exists() || photo.folders() == 0,
        "nothing is left"
    );
    refused
}

#[tokio::test]
async fn a_raw_image_is_stored() {
    for photo in Photo::all().await {
        let bytes = jpeg(64, 48, 1);

        let stored = photo.given(&bytes, 3).await;

        assert!(!stored.duplicate);
        assert_eq!(stored.status(), pb::ProcessingStatus::Received);
        let session = SessionId(stored.session_id.parse().unwrap());
        let (kept, _) = sessions::find(&photo.store, session)
            .await
            .unwrap()
            .unwrap();
        let original = photo.pictures.original(session, kept.format);
        assert_eq!(original.await.unwrap(), bytes);
        assert_eq!((kept.width_px, kept.height_px), (64, 48));
        assert_eq!(kept.observed_at, photo.clock.now());
    }
}

#[tokio::test]
async fn each_bad_file_is_refused_with_its_reason_and_leaves_nothing() {
    let photo = Photo::sqlite().await;
    let cut = &jpeg(64, 64, 1)[..600];

    for (body, code, expected) in [
        (&b""[..], Code::InvalidArgument, "EMPTY_BODY"),
        (
            b"this is a text named photo.jpg",
            Code::InvalidArgument,
            "UNSUPPORTED_FORMAT",
        ),
        (cut, Code::InvalidArgument, "UNREADABLE_IMAGE"),
        (
            &huge(Format::Jpeg),
            Code::ResourceExhausted,
            "TOO_MANY_PIXELS",
        ),
        (
            &huge(Format::Png),
            Code::ResourceExhausted,
            "TOO_MANY_PIXELS",
        ),
        (
            &huge(Format::WebP),
            Code::ResourceExhausted,
            "TOO_MANY_PIXELS",
        ),
    ] {
        let status = refused(&photo, body).await;
        assert_eq!((status.code(), reason(&status).as_str()), (code, expected));
    }
}

#[tokio::test]
async fn a_file_above_the_limit_is_refused() {
    let small = |config: &mut demeter_photo::Config| config.limits.max_file_bytes = 1_000;
    let photo = Photo::start(TestDatabase::sqlite(), small).await;

    let status = refused(&photo, &jpeg(200, 200, 1)).await;

    assert_eq!(reason(&status), "FILE_TOO_LARGE");
}

#[tokio::test]
async fn hostile_files_are_answered_and_never_with_a_fault_of_ours() {
    let Some(folder) = shared_file("photos/hostile") else {
        return;
    };
    let photo = Photo::sqlite().await;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let body = std::fs::read(&path).unwrap();
        if let Err(status) = photo.upload(&body, fields()).await {
            let ours = !matches!(
                status.code(),
                Code::InvalidArgument | Code::ResourceExhausted
            );
            assert!(!ours, "{}: {status}", path.display());
            assert!(!reason(&status).is_empty());
        }
    }
}

#[tokio::test]
async fn a_form_stores_what_is_good_and_names_what_is_not() {
    let photo = Photo::sqlite().await;
    let body = form(&[
        part("file", Some("good.jpg"), &jpeg(30, 30, 1)),
        part("file", Some("notes.jpg"), b"plants"),
        part(
            "file",
            Some("good.png"),
            &encoded(image::ImageFormat::Png, 2),
        ),
        part("storage_location_id", None, b"4"),
        part("taken_at", None, b"2026-02-28T08:00:00Z"),
    ]);

    let answer = photo.upload(&body, multipart()).await.unwrap();

    let names: Vec<_> = answer
        .photos
        .iter()
        .map(|photo| photo.filename.as_str())
        .collect();
    assert_eq!(names, ["good.jpg", "good.png"]);
    assert_eq!(answer.rejected.len(), 1);
    assert_eq!(answer.rejected[0].reason, "UNSUPPORTED_FORMAT");
    let session = SessionId(answer.photos[0].session_id.parse().unwrap());
    let (kept, session) = sessions::find(&photo.store, session)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.observed_at.to_rfc3339(), "2026-02-28T08:00:00+00:00");
    assert_eq!(session.status.known().place().unwrap().location.get(), 4);
}

#[tokio::test]
async fn a_form_whose_files_are_all_bad_fails_with_the_first_reason() {
    let photo = Photo::sqlite().await;
    let body = form(&[
        part("file", Some("a"), b"text"),
        part("file", Some("b"), b""),
    ]);

    let status = photo.upload(&body, multipart()).await.unwrap_err();

    assert_eq!(reason(&status), "UNSUPPORTED_FORMAT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_bytes_at_once_are_one_photo() {
    for photo in Photo::all().await {
        let bytes = jpeg(40, 40, 5);

        let uploads = (0..4).map(|_| photo.given(&bytes, 2));
        let answers = futures::future::join_all(uploads).await;

        let first = &answers[0].session_id;
        assert!(answers.iter().all(|answer| answer.session_id == *first));
        assert_eq!(answers.iter().filter(|answer| !answer.duplicate).count(), 1);
        assert_eq!(photo.folders(), 1, "{}", photo.database_url());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_at_once_gets_one_answer() {
    for photo in Photo::all().await {
        let bytes = jpeg(40, 40, 5);
        let request = || pb::UploadPhotosRequest {
            request_id: Some(NEW_REQUEST.to_owned()),
            ..fields()
        };

        let uploads = (0..4).map(|_| photo.upload(&bytes, request()));
        let answers = futures::future::join_all(uploads).await;

        let first = answers[0].as_ref().unwrap();
        for answer in &answers {
            assert_eq!(answer.as_ref().unwrap(), first);
        }
    }
}

#[tokio::test]
async fn the_same_bytes_for_another_location_are_another_photo() {
    for photo in Photo::all().await {
        let bytes = jpeg(40, 40, 5);

        let one = photo.given(&bytes, 1).await;
        let other = photo.given(&bytes, 2).await;
        let again = photo.given(&bytes, 1).await;

        assert_ne!(one.session_id, other.session_id);
        assert_eq!(again.session_id, one.session_id);
        assert!(again.duplicate && !other.duplicate);
    }
}

#[tokio::test]
async fn a_request_id_gives_the_same_answer_and_not_to_another_upload() {
    for photo in Photo::all().await {
        let request = || pb::UploadPhotosRequest {
            request_id: Some(NEW_REQUEST.to_owned()),
            ..fields()
        };

        let first = photo.upload(&jpeg(20, 20, 1), request()).await.unwrap();
        let again = photo.upload(&jpeg(20, 20, 1), request()).await.unwrap();
        let other = photo.upload(&jpeg(20, 20, 2), request()).await.unwrap_err();

        assert_eq!(first, again);
        assert_eq!(other.code(), Code::AlreadyExists);
        assert_eq!(reason(&other), "REQUEST_ID_REUSED");
        assert_eq!(photo.folders(), 1);
    }
}

#[tokio::test]
async fn a_location_that_is_not_there_refuses_the_upload() {
    let photo = Photo::sqlite().await;
    let fields = pb::UploadPhotosRequest {
        storage_location_id: Some(99),
        ..fields()
    };

    let status = photo.upload(&jpeg(20, 20, 1), fields).await.unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn a_photo_from_the_future_is_refused() {
    let photo = Photo::sqlite().await;
    let fields = pb::UploadPhotosRequest {
        taken_at: Some(prost_types::Timestamp {
            seconds: photo.clock.now().timestamp() + 3_600,
            nanos: 0,
        }),
        ..fields()
    };

    let status = photo.upload(&jpeg(20, 20, 1), fields).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn what_an_upload_that_was_cut_off_left_is_swept() {
    for photo in Photo::all().await {
        let session = SessionId(Uuid::from_u128(7));
        let upload = StaleUpload {
            session,
            format: Format::Jpeg,
        };
        let now = photo.clock.now();
        pending::insert(&photo.store, upload, now).await.unwrap();
        photo
            .pictures
            .put(session, Format::Jpeg, Variant::Original, "x".into())
            .await
            .unwrap();
        let kept = photo.given(&jpeg(20, 20, 1), 1).await;

        let early = sweep(&photo.store, &photo.pictures, now).await.unwrap();
        photo.clock.advance(Duration::hours(2));
        let late = sweep(&photo.store, &photo.pictures, photo.clock.now())
            .await
            .unwrap();

        assert_eq!((early, late), (0, 1));
        assert!(
            !photo
                .objects_dir
                .join(session.0.to_string())
                .join("original.jpg")
                .exists()
        );
        assert!(
            photo
                .objects_dir
                .join(kept.session_id)
                .join("original.jpg")
                .exists()
        );
    }
}
