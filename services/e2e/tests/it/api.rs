//! The same API over gRPC, through the same port.

use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1::photo_service_client::PhotoServiceClient;
use demeter_proto::photo::v1::{UploadPhotosRequest, UploadPhotosResponse};
use demeter_proto::stock::v1::batch_service_client::BatchServiceClient;
use demeter_proto::stock::v1::movement_service_client::MovementServiceClient;
use demeter_proto::stock::v1::{ListBatchesRequest, ListMovementsRequest, PostPhotoCountRequest};
use tonic::transport::Channel;
use tonic::{Code, Request};

use crate::harness::{System, User, demo, on, whole};

const PIECE: usize = 256 * 1024;

async fn channel(url: &str) -> Channel {
    Channel::from_shared(url.to_owned())
        .unwrap()
        .connect()
        .await
        .unwrap()
}

fn signed_in<T>(user: &User, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert(
        "authorization",
        format!("Bearer {}", user.token).parse().unwrap(),
    );
    request
}

on!(a_grpc_client_uploads_counts_and_reads_like_a_web_app: on_defaults, four_processes);
async fn a_grpc_client_uploads_counts_and_reads_like_a_web_app(system: &System) {
    let worker = system.user("ROLE_WORKER").await;
    let gateway = channel(&system.url()).await;

    let uploaded = upload(&gateway, &worker).await;

    let session = uploaded.photos[0].session_id.clone();
    let finished = worker.finished(&session).await;
    assert_eq!(finished["status"], "PROCESSING_STATUS_POSTED", "{finished}");
    let request = ListMovementsRequest {
        processing_session_id: session,
        ..Default::default()
    };
    let history = MovementServiceClient::new(gateway.clone())
        .list_movements(signed_in(&worker, request))
        .await;
    assert!(!history.unwrap().into_inner().movements.is_empty());
    let batches = BatchServiceClient::new(gateway)
        .list_batches(signed_in(&worker, ListBatchesRequest::default()))
        .await;
    let plants = batches.unwrap().into_inner().batches[0].quantity_current;
    assert_eq!(
        i64::from(plants),
        whole(&finished["photo"]["total_detected"])
    );
}

async fn upload(gateway: &Channel, worker: &User) -> UploadPhotosResponse {
    let pieces: Vec<_> = demo("bed_next_month.jpg")
        .chunks(PIECE)
        .map(|data| UploadPhotosRequest {
            file: Some(HttpBody {
                content_type: "image/jpeg".into(),
                data: data.to_vec().into(),
                extensions: vec![],
            }),
            ..Default::default()
        })
        .collect();
    let mut request = signed_in(worker, ());
    let metadata = std::mem::take(request.metadata_mut());
    let mut request = Request::new(tokio_stream::iter(pieces));
    *request.metadata_mut() = metadata;
    PhotoServiceClient::new(gateway.clone())
        .upload_photos(request)
        .await
        .unwrap()
        .into_inner()
}

on!(what_is_internal_cannot_be_reached_from_outside_nor_without_identity_from_inside: on_defaults, four_processes);
async fn what_is_internal_cannot_be_reached_from_outside_nor_without_identity_from_inside(
    system: &System,
) {
    let admin = system.admin().await;
    let count = PostPhotoCountRequest {
        processing_session_id: uuid::Uuid::from_u128(1).to_string(),
        storage_location_id: 1,
        quantity: 1_000,
        observed_time: Some(prost_types::Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
        user_id: "someone".to_owned(),
        ..Default::default()
    };

    let mut outside = MovementServiceClient::new(channel(&system.url()).await);
    let refused = outside
        .post_photo_count(signed_in(&admin, count.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        refused.code(),
        Code::Unimplemented,
        "the gateway has no route to it: {refused}"
    );

    let stock = format!("https://{}", system.grpc(1));
    let stock = system.member("photo").channel("stock", &stock).unwrap();
    let mut inside = MovementServiceClient::new(stock);
    let refused = inside.post_photo_count(count).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated, "{refused}");
}

on!(a_grpc_caller_without_a_token_is_unauthenticated: on_defaults, four_processes);
async fn a_grpc_caller_without_a_token_is_unauthenticated(system: &System) {
    let mut client = BatchServiceClient::new(channel(&system.url()).await);
    let refused = client
        .list_batches(ListBatchesRequest::default())
        .await
        .unwrap_err();

    assert_eq!(refused.code(), Code::Unauthenticated, "{refused}");
}
