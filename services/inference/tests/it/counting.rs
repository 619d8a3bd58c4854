//! `CountPlants` and `ListModels` from outside.

use std::io::Cursor;

use demeter_grpc::status::reason;
use demeter_proto::inference::v1::{
    CountPlantsRequest, DetectionParameters, ListModelsRequest, Task,
};
use demeter_testkit::page;
use image::{ImageFormat, Rgb, RgbImage};
use tonic::{Code, Status};

use crate::built_in::{DemoBed, built_in_weights};
use crate::server::TestServer;

const MAY_COUNT: &[&str] = &["photos:write"];

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
    let server = TestServer::start(&[]).await;
    let demo = DemoBed::read();

    let counted = count(&server, photo(demo.photo.clone())).await.unwrap();

    demo.assert_counted(counted.detections.len());
    assert!(
        counted
            .detections
            .iter()
            .all(|found| found.label == "plant")
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
        ("plant-n", Task::Detect)
    );
    assert_eq!(model.sha256.len(), 64);
}

#[tokio::test]
async fn weights_of_ones_own_are_named_after_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("cacti-7.safetensors");
    std::fs::copy(built_in_weights(), &own).unwrap();
    let server = TestServer::start(&[("INFERENCE_WEIGHTS", own.to_str().unwrap())]).await;

    let counted = count(&server, photo(png(64, 64))).await.unwrap();

    assert_eq!(counted.model.unwrap().name, "cacti-7");
}

#[tokio::test]
async fn what_is_no_photo_is_refused_with_its_reason() {
    let server = TestServer::start(&[]).await;

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
    let server = TestServer::start(&[]).await;
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
    let server = TestServer::start(&[("INFERENCE_QUEUE", "1")]).await;
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
    let server = TestServer::start(&[]).await;

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
    let server = TestServer::start(&[]).await;

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
    assert_eq!(models[0].classes, ["plant"]);
}

#[tokio::test]
async fn the_metrics_say_what_was_counted() {
    let server = TestServer::start(&[]).await;
    count(&server, photo(png(64, 64))).await.unwrap();

    let (_status, text) = page(server.ops, "/metrics").await;

    assert!(
        text.contains("demeter_ml_inference_duration_seconds_count 1"),
        "{text}"
    );
    assert!(text.contains("demeter_ml_queue_depth 0"), "{text}");
}
