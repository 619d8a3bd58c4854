//! What callers see.

use demeter_proto::photo::v1 as pb;
use tonic::Code;

use crate::pictures::images::jpeg;
use crate::support::{Photo, reason};

const NOBODY: &str = "0199aaaa-0000-7000-8000-00000000ffff";

fn page(size: i32, token: &str) -> pb::ListPhotosRequest {
    pb::ListPhotosRequest {
        page_size: size,
        page_token: token.to_owned(),
        ..pb::ListPhotosRequest::default()
    }
}

async fn download(photo: &Photo, id: &str, variant: &str) -> Result<(String, Vec<u8>), Code> {
    let message = pb::DownloadPhotoRequest {
        photo_id: id.to_owned(),
        variant: variant.to_owned(),
    };
    let answer = photo
        .photos()
        .download_photo(photo.by_worker(message))
        .await;
    let mut pieces = answer.map_err(|status| status.code())?.into_inner();
    let (mut content_type, mut content) = (String::new(), Vec::new());
    while let Some(piece) = pieces.message().await.unwrap() {
        let piece = piece.file.unwrap();
        assert!(piece.data.len() <= 256 << 10);
        content_type.push_str(&piece.content_type);
        content.extend(piece.data);
    }
    Ok((content_type, content))
}

#[tokio::test]
async fn a_page_token_opens_the_list_it_is_of() {
    for photo in Photo::all().await {
        for seed in 0..3 {
            photo.given(&jpeg(20, 20, seed), 1).await;
        }
        let list = |page| photo.list(page);
        let token = list(page(2, "")).await.unwrap().next_page_token;
        let elsewhere = pb::ListPhotosRequest {
            storage_location_id: Some(1),
            ..page(2, &token)
        };

        assert_eq!(list(page(2, &token)).await.unwrap().photos.len(), 1);
        for refused in [elsewhere, page(2, NOBODY)] {
            let refused = list(refused).await.unwrap_err();
            assert_eq!(reason(&refused), "INVALID_FIELD");
            assert!(refused.message().starts_with("page_token"), "{refused}");
        }
    }
}

#[tokio::test]
async fn the_gallery_pages_from_new_to_old_and_filters() {
    for photo in Photo::all().await {
        let mut stored = Vec::new();
        for seed in 0..5 {
            stored.push(
                photo
                    .given(&jpeg(20, 20, seed), i32::from(seed) + 1)
                    .await
                    .photo_id,
            );
        }
        stored.reverse();

        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let list = photo.list(page(2, &token)).await.unwrap();
            assert!(list.photos.len() <= 2);
            seen.extend(list.photos.into_iter().map(|photo| photo.photo_id));
            token = list.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        let of_three = pb::ListPhotosRequest {
            storage_location_id: Some(3),
            status: pb::ProcessingStatus::Received.into(),
            ..page(0, "")
        };
        let of_three = photo.list(of_three).await.unwrap();

        assert_eq!(seen, stored);
        assert_eq!(of_three.photos.len(), 1);
    }
}

#[tokio::test]
async fn pictures_are_downloaded_with_their_type() {
    let photo = Photo::sqlite().await;
    let bytes = jpeg(1200, 1100, 1);
    let stored = photo.given(&bytes, 1).await;
    let too_early = download(&photo, &stored.photo_id, "annotated").await;

    photo.work().await;

    let original = download(&photo, &stored.photo_id, "original")
        .await
        .unwrap();
    assert_eq!(original, ("image/jpeg".to_owned(), bytes));
    for variant in ["thumbnail", "annotated"] {
        let (content_type, content) = download(&photo, &stored.photo_id, variant).await.unwrap();
        assert_eq!(content_type, "image/jpeg");
        image::load_from_memory(&content).unwrap();
    }
    assert_eq!(too_early.unwrap_err(), Code::NotFound);
    assert_eq!(
        download(&photo, NOBODY, "original").await.unwrap_err(),
        Code::NotFound
    );
}

#[tokio::test]
async fn a_result_has_a_box_per_plant_once_counted() {
    for photo in Photo::all().await {
        let stored = photo.given(&jpeg(64, 48, 1), 1).await;
        let ask = || pb::GetResultRequest {
            session_id: stored.session_id.clone(),
        };
        let early = photo
            .processing()
            .get_result(photo.by_worker(ask()))
            .await
            .unwrap_err();

        photo.work().await;
        let result = photo
            .processing()
            .get_result(photo.by_worker(ask()))
            .await
            .unwrap();

        assert_eq!(reason(&early), "NOT_COUNTED");
        let result = result.into_inner().result.unwrap();
        assert_eq!((result.total_detected, result.detections.len()), (3, 3));
        let estimate = result.estimate.unwrap();
        assert_eq!((estimate.plants, estimate.boxes), (3, 3));
        assert_eq!((estimate.plants_low, estimate.plants_high), (None, None));
        assert!(result.count_time.is_some());
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let photo = Photo::sqlite().await;
    let session_id = NOBODY.to_owned();
    let photo_id = NOBODY.to_owned();

    let read = pb::GetPhotoRequest { photo_id };
    let read = photo.photos().get_photo(photo.by_worker(read)).await;
    let progress = pb::GetProgressRequest { session_id };
    let progress = photo
        .processing()
        .get_progress(photo.by_worker(progress))
        .await;

    assert_eq!(read.unwrap_err().code(), Code::NotFound);
    assert_eq!(progress.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_posted_session_cannot_be_steered() {
    let photo = Photo::sqlite().await;
    let session_id = photo.given(&jpeg(64, 48, 1), 1).await.session_id;
    photo.work().await;

    let retried = photo.retry(&session_id).await;
    let assign = pb::AssignLocationRequest {
        session_id,
        storage_location_id: 2,
    };
    let assigned = photo
        .processing()
        .assign_location(photo.by_worker(assign))
        .await;

    assert_eq!(reason(&retried.unwrap_err()), "WRONG_STATUS");
    assert_eq!(reason(&assigned.unwrap_err()), "WRONG_STATUS");
}

#[tokio::test]
async fn rights_decide_who_may_do_what() {
    let photo = Photo::sqlite().await;
    let upload = futures::stream::iter([pb::UploadPhotosRequest::default()]);
    let viewer = photo.with_rights(upload, &["photos:read"]);

    let refused = photo.photos().upload_photos(viewer).await.unwrap_err();
    let nobody = photo.photos().list_photos(page(0, "")).await.unwrap_err();

    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(nobody.code(), Code::Unauthenticated);
}
