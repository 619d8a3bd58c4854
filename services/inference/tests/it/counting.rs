//! `CountPlants` and `ListModels` from outside.

use std::io::Cursor;
use std::path::PathBuf;

use demeter_grpc::status::reason;
use demeter_proto::inference::v1::{
    CountPlantsRequest, DetectionParameters, ListModelsRequest, Task,
};
use demeter_testkit::{page, shared_file};
use image::{ImageFormat, Rgb, RgbImage};
use tonic::{Code, Status};

use crate::server::TestServer;

const MAY_COUNT: &[&str] = &["photos:write"];

fn weights() -> Option<PathBuf> {
    shared_file("models/yolo11n-coco.pt")
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_pixel(width, height, Rgb([90, 120, 60]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn photo(image: Vec<u8>) -> CountPlantsRequest {
    CountPlantsRequest {
        image: image.into(),
        parameters: None,
    }
}

/// Asks again while the model warms up, as a caller of the service would.
async fn count(
    server: &TestServer,
    message: CountPlantsRequest,
) -> Result<demeter_proto::inference::v1::CountPlantsResponse, Status> {
    loop {
        let request = server.request(message.clone(), MAY_COUNT);
        match server.client.clone().count_plants(request).await {
            Err(status) if reason(&status).as_deref() == Some("WARMING_UP") => {
                tokio::task::yield_now().await;
            }
            Err(status) => return Err(status),
            Ok(response) => return Ok(response.into_inner()),
        }
    }
}

#[tokio::test]
async fn a_photo_is_counted_and_the_answer_says_how() {
    let (Some(weights), Some(path)) = (weights(), shared_file("photos/bike.jpg")) else {
        return;
    };
    let server = TestServer::start(&weights, &[]).await;
    let image = std::fs::read(path).unwrap();

    let counted = count(&server, photo(image)).await.unwrap();

    let labels: Vec<_> = counted
        .detections
        .iter()
        .map(|found| found.label.as_str())
        .collect();
    assert!(
        labels.contains(&"person") && labels.contains(&"bicycle"),
        "{labels:?}"
    );
    assert!(
        counted
            .detections
            .is_sorted_by(|a, b| a.confidence >= b.confidence)
    );
    let parameters = counted.parameters.unwrap();
    assert_eq!(parameters.tile_size_px, 640);
    assert!(counted.tile_count >= 1);
    let model = counted.model.unwrap();
    assert_eq!(
        (model.name.as_str(), model.task()),
        ("yolo11n-coco", Task::Detect)
    );
    assert_eq!(model.sha256.len(), 64);
}

#[tokio::test]
async fn what_is_no_photo_is_refused_with_its_reason() {
    let Some(weights) = weights() else { return };
    let server = TestServer::start(&weights, &[]).await;

    for image in [
        b"hello".to_vec(),
        b"\xff\xd8\xff\xe0".to_vec(),
        vec![0; 30 << 20],
    ] {
        let refused = count(&server, photo(image)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(reason(&refused).as_deref(), Some("UNREADABLE_IMAGE"));
    }
    let refused = count(&server, photo(Vec::new())).await.unwrap_err();
    assert_eq!(
        refused.code(),
        Code::InvalidArgument,
        "validated before the handler"
    );
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused_by_field() {
    let Some(weights) = weights() else { return };
    let server = TestServer::start(&weights, &[]).await;
    let mut message = photo(png(64, 64));
    message.parameters = Some(DetectionParameters {
        tile_size_px: 5,
        ..DetectionParameters::default()
    });

    let refused = count(&server, message).await.unwrap_err();

    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("tile_size_px"), "{refused}");
}

#[tokio::test]
async fn more_photos_than_the_queue_holds_are_refused_and_the_rest_are_counted() {
    let Some(weights) = weights() else { return };
    let server = TestServer::start(&weights, &[("INFERENCE_QUEUE", "1")]).await;
    count(&server, photo(png(64, 64))).await.unwrap();

    let image = png(900, 900);
    let mut calls = Vec::new();
    for _ in 0..6 {
        calls.push(count(&server, photo(image.clone())));
    }
    let outcomes = futures_of(calls).await;

    let refused: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .collect();
    assert!(refused.len() < outcomes.len(), "one at least is counted");
    assert!(!refused.is_empty(), "one at least has to be refused");
    for status in refused {
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert_eq!(reason(status).as_deref(), Some("OVERLOADED"));
    }
    count(&server, photo(png(64, 64))).await.unwrap();
}

async fn futures_of<F: Future>(calls: Vec<F>) -> Vec<F::Output> {
    let mut calls: Vec<_> = calls.into_iter().map(Box::pin).collect();
    let mut outcomes: Vec<Option<F::Output>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (call, outcome) in calls.iter_mut().zip(&mut outcomes) {
            if outcome.is_none()
                && let std::task::Poll::Ready(done) = call.as_mut().poll(context)
            {
                *outcome = Some(done);
            }
        }
        if outcomes.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

#[tokio::test]
async fn only_services_that_may_write_photos_are_let_in() {
    let Some(weights) = weights() else { return };
    let server = TestServer::start(&weights, &[]).await;

    let request = server.request(photo(png(8, 8)), &["photos:read"]);
    let refused = server
        .client
        .clone()
        .count_plants(request)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);

    let nobody = tonic::Request::new(photo(png(8, 8)));
    let refused = server
        .client
        .clone()
        .count_plants(nobody)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn the_loaded_model_is_listed_to_who_may_manage_models() {
    let Some(weights) = weights() else { return };
    let server = TestServer::start(&weights, &[]).await;

    let request = server.request(ListModelsRequest {}, &["models:manage"]);
    let models = server
        .client
        .clone()
        .list_models(request)
        .await
        .unwrap()
        .into_inner()
        .models;

    assert_eq!(models.len(), 1);
    assert_eq!(models[0].classes.len(), 80);
}

#[tokio::test]
async fn the_metrics_say_what_was_counted() {
    let Some(weights) = weights() else { return };
    let server = TestServer::start(&weights, &[]).await;
    count(&server, photo(png(64, 64))).await.unwrap();

    let (_status, text) = page(server.ops, "/metrics").await;

    assert!(
        text.contains("demeter_ml_inference_duration_seconds_count 1"),
        "{text}"
    );
    assert!(text.contains("demeter_ml_queue_depth 0"), "{text}");
}
