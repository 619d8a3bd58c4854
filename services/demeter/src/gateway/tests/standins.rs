//! Stand-ins for the services: they remember the headers of every call.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use demeter_proto::auth::v1 as auth;
use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1 as photo;
use demeter_proto::stock::v1 as stock;
use ed25519_dalek::{Signer as _, SigningKey};
use envoy_types::ext_authz::v3::pb::{
    Authorization, AuthorizationServer, CheckRequest, CheckResponse, HeaderAppendAction,
    HttpStatusCode,
};
use envoy_types::ext_authz::v3::{
    CheckResponseExt as _, DeniedHttpResponseBuilder, OkHttpResponseBuilder,
};
use envoy_types::pb::google::protobuf::{Struct, Value as ProtoValue, value::Kind};
use futures::stream::{self, BoxStream, StreamExt as _};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status, Streaming};

use super::super::Upstreams;

/// What the auth stand-in says about every caller it lets pass.
pub(super) const IDENTITY: &str = "from-auth";
/// The largest photo that the photo stand-in takes.
pub(super) const LARGEST: usize = 20_000_000;

type Seen = Arc<Mutex<Vec<(String, http::HeaderMap)>>>;

/// All services, on free ports, until dropped.
pub(super) struct Standins {
    pub(super) upstreams: Upstreams,
    seen: Seen,
    _running: JoinSet<()>,
}

// === impl Standins ===

impl Standins {
    pub(super) async fn start() -> Self {
        let seen = Seen::default();
        let mut running = JoinSet::new();
        let upstreams = Upstreams {
            auth: serve(&mut running, &seen, |server| {
                server.add(AuthorizationServer::new(Standin)).add(
                    auth::session_service_server::SessionServiceServer::new(Standin),
                )
            })
            .await,
            stock: serve(&mut running, &seen, |server| {
                server.add(stock::batch_service_server::BatchServiceServer::new(
                    Standin,
                ))
            })
            .await,
            photo: serve(&mut running, &seen, |server| {
                server.add(photo::photo_service_server::PhotoServiceServer::new(
                    Standin,
                ))
            })
            .await,
            inference: serve(&mut running, &seen, |server| server).await,
            auth_ops: serve_keys(&mut running).await,
        };
        Self {
            upstreams,
            seen,
            _running: running,
        }
    }

    /// Whether nobody called an RPC.
    pub(super) fn never(&self, rpc: &str) -> bool {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .all(|(path, _)| path != rpc)
    }

    /// The headers of the last call of an RPC.
    pub(super) fn last(&self, rpc: &str) -> http::HeaderMap {
        let seen = self.seen.lock().unwrap();
        let last = seen.iter().rev().find(|(path, _)| path == rpc);
        last.unwrap_or_else(|| panic!("{rpc} was not called"))
            .1
            .clone()
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn serve(
    running: &mut JoinSet<()>,
    seen: &Seen,
    add: impl FnOnce(demeter_grpc::Server) -> demeter_grpc::Server,
) -> SocketAddr {
    let seen = Arc::clone(seen);
    let gate: demeter_grpc::Gate = Arc::new(move |parts: &mut http::request::Parts| {
        seen.lock()
            .unwrap()
            .push((parts.uri.path().to_owned(), parts.headers.clone()));
        Ok(())
    });
    let mut registry = prometheus_client::registry::Registry::default();
    let server = add(demeter_grpc::Server::new(
        demeter_proto::DESCRIPTOR_SET,
        gate,
        &mut registry,
    ));
    let (listener, address) = listener().await;
    running.spawn(async move {
        server
            .serve(
                listener,
                &demeter_grpc::Mesh::Clear,
                CancellationToken::new(),
            )
            .await
            .unwrap();
    });
    address
}

async fn serve_keys(running: &mut JoinSet<()>) -> SocketAddr {
    let x = URL_SAFE_NO_PAD.encode(key().verifying_key().as_bytes());
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "test", "x": x}]});
    let answer = move || async move { axum::Json(keys) };
    let router = axum::Router::new().route("/.well-known/jwks.json", axum::routing::get(answer));
    let (listener, address) = listener().await;
    running.spawn(async move {
        axum::serve(listener, router).await.unwrap();
    });
    address
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// An access token of some audience and expiry (Unix seconds).
pub(super) fn token(audience: &str, expires: u64) -> String {
    let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = encode(json!({"alg": "EdDSA", "kid": "test"}));
    let claims = encode(
        json!({"iss": "https://auth.demeter.local", "aud": audience, "sub": "anna", "exp": expires}),
    );
    let signature = key().sign(format!("{header}.{claims}").as_bytes());
    format!(
        "Bearer {header}.{claims}.{}",
        URL_SAFE_NO_PAD.encode(signature.to_bytes())
    )
}

struct Standin;

fn denial(status: HttpStatusCode, reason: &str) -> CheckResponse {
    let mut http = DeniedHttpResponseBuilder::new();
    http.set_http_status(status).set_body("not for you");
    let value = ProtoValue {
        kind: Some(Kind::StringValue(reason.to_owned())),
    };
    let mut response = CheckResponse::with_status(Status::permission_denied("not for you"));
    response.set_http_response(http);
    response.set_dynamic_metadata(Some(Struct {
        fields: [("reason".to_owned(), value)].into(),
    }));
    response
}

#[tonic::async_trait]
impl Authorization for Standin {
    async fn check(
        &self,
        request: Request<CheckRequest>,
    ) -> Result<Response<CheckResponse>, Status> {
        let attributes = request.into_inner().attributes.unwrap();
        let path = attributes.request.unwrap().http.unwrap().path;
        if path.starts_with("/demeter.auth.v1.UserService/") {
            return Ok(Response::new(denial(
                HttpStatusCode::Forbidden,
                "PERMISSION_MISSING",
            )));
        }
        if path.starts_with("/demeter.inference.") {
            return Ok(Response::new(denial(
                HttpStatusCode::Unauthorized,
                "SESSION_REVOKED",
            )));
        }
        let mut http = OkHttpResponseBuilder::new();
        http.add_header(
            "x-demeter-identity",
            IDENTITY,
            Some(HeaderAppendAction::OverwriteIfExistsOrAdd),
            false,
        );
        http.remove_header("authorization");
        let mut response = CheckResponse::with_status(Status::ok(""));
        response.set_http_response(http);
        Ok(Response::new(response))
    }
}

#[tonic::async_trait]
impl auth::session_service_server::SessionService for Standin {
    async fn login(
        &self,
        request: Request<auth::LoginRequest>,
    ) -> Result<Response<auth::LoginResponse>, Status> {
        let access_token = request.into_inner().email;
        Ok(Response::new(auth::LoginResponse {
            access_token,
            ..Default::default()
        }))
    }

    async fn refresh(
        &self,
        _: Request<auth::RefreshRequest>,
    ) -> Result<Response<auth::RefreshResponse>, Status> {
        Err(Status::unimplemented("stand-in"))
    }

    async fn logout(
        &self,
        _: Request<auth::LogoutRequest>,
    ) -> Result<Response<auth::LogoutResponse>, Status> {
        Err(Status::unimplemented("stand-in"))
    }

    async fn get_me(
        &self,
        _: Request<auth::GetMeRequest>,
    ) -> Result<Response<auth::GetMeResponse>, Status> {
        Ok(Response::new(auth::GetMeResponse::default()))
    }
}

#[tonic::async_trait]
impl stock::batch_service_server::BatchService for Standin {
    async fn list_batches(
        &self,
        _: Request<stock::ListBatchesRequest>,
    ) -> Result<Response<stock::ListBatchesResponse>, Status> {
        Ok(Response::new(stock::ListBatchesResponse::default()))
    }

    async fn get_batch(
        &self,
        _: Request<stock::GetBatchRequest>,
    ) -> Result<Response<stock::GetBatchResponse>, Status> {
        Err(demeter_grpc::status::refusal(
            Code::NotFound,
            "stock.demeter",
            "NO_SUCH_BATCH",
            "no such batch",
        ))
    }

    async fn create_batch(
        &self,
        _: Request<stock::CreateBatchRequest>,
    ) -> Result<Response<stock::CreateBatchResponse>, Status> {
        Err(Status::unimplemented("stand-in"))
    }
}

#[tonic::async_trait]
impl photo::photo_service_server::PhotoService for Standin {
    type DownloadPhotoStream = BoxStream<'static, Result<photo::DownloadPhotoResponse, Status>>;

    /// Answers with the number of bytes as the file's name.
    async fn upload_photos(
        &self,
        request: Request<Streaming<photo::UploadPhotosRequest>>,
    ) -> Result<Response<photo::UploadPhotosResponse>, Status> {
        let mut messages = request.into_inner();
        let mut size = 0;
        while let Some(message) = messages.message().await? {
            size += message.file.map_or(0, |file| file.data.len());
        }
        if size > LARGEST {
            let refusal = demeter_grpc::status::refusal;
            return Err(refusal(
                Code::ResourceExhausted,
                "photo.demeter",
                "FILE_TOO_LARGE",
                "above 20 MB",
            ));
        }
        let stored = photo::UploadedPhoto {
            filename: size.to_string(),
            ..Default::default()
        };
        Ok(Response::new(photo::UploadPhotosResponse {
            photos: vec![stored],
            rejected: vec![],
        }))
    }

    async fn list_photos(
        &self,
        _: Request<photo::ListPhotosRequest>,
    ) -> Result<Response<photo::ListPhotosResponse>, Status> {
        Err(Status::resource_exhausted("busy"))
    }

    async fn get_photo(
        &self,
        _: Request<photo::GetPhotoRequest>,
    ) -> Result<Response<photo::GetPhotoResponse>, Status> {
        Err(Status::unimplemented("stand-in"))
    }

    async fn download_photo(
        &self,
        _: Request<photo::DownloadPhotoRequest>,
    ) -> Result<Response<Self::DownloadPhotoStream>, Status> {
        let pieces = (0..3).map(|index| {
            let content_type = if index == 0 {
                "image/webp".to_owned()
            } else {
                String::new()
            };
            let data = Bytes::from(vec![index; 500_000]);
            let file = HttpBody {
                content_type,
                data,
                ..Default::default()
            };
            Ok(photo::DownloadPhotoResponse { file: Some(file) })
        });
        Ok(Response::new(stream::iter(pieces).boxed()))
    }
}
