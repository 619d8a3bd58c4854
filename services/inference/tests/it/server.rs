//! Starts the service and calls it.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_grpc::Channel;
use demeter_identity::{CallerKind, Grant, Issuer};
use demeter_inference::{Config, build};
use demeter_proto::inference::v1::inference_service_client::InferenceServiceClient;
use tokio_util::sync::CancellationToken;
use tonic::Request;

/// A running service; it stops when this is dropped.
pub(crate) struct TestServer {
    pub(crate) client: InferenceServiceClient<Channel>,
    pub(crate) ops: SocketAddr,
    issuer: Issuer,
    now: DateTime<Utc>,
    shutdown: CancellationToken,
}

impl TestServer {
    /// Starts with these settings; the model warms up meanwhile.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Self {
        let (private, public) = Issuer::generate();
        let now = DateTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let mut env = Env::from_pairs([
            ("INFERENCE_LISTEN", "127.0.0.1:0"),
            ("INFERENCE_OPS_LISTEN", "127.0.0.1:0"),
            ("INFERENCE_THREADS", "2"),
            ("MESH_TLS", "off"),
            ("IDENTITY_PUBLIC_KEY", &public),
        ]);
        for (name, value) in settings {
            env = env.with(name, *value);
        }
        let config = Config::from_env(&env).unwrap();
        let app = build(config, Clock::fixed(now), Ids::random())
            .await
            .unwrap();
        let channel = demeter_grpc::channel(&format!("http://{}", app.grpc_addr())).unwrap();
        let ops = app.ops_addr();
        let shutdown = CancellationToken::new();
        let tracker = tokio_util::task::TaskTracker::new();
        tracker.spawn(app.serve(shutdown.clone()));
        Self {
            client: InferenceServiceClient::new(channel)
                .max_encoding_message_size(60 << 20)
                .max_decoding_message_size(60 << 20),
            ops,
            issuer: Issuer::from_private_key(&private).unwrap(),
            now,
            shutdown,
        }
    }

    /// A request of a service with these rights.
    pub(crate) fn request<T>(&self, message: T, rights: &[&str]) -> Request<T> {
        let grant = Grant {
            subject: "photo".to_owned(),
            kind: CallerKind::Service,
            rights: rights.iter().map(|right| right.parse().unwrap()).collect(),
            session: None,
            request_id: None,
            expires_at: self.now + Duration::from_mins(1),
        };
        let token = self.issuer.issue(&grant).unwrap();
        demeter_grpc::outgoing(message, &token, Duration::from_mins(2))
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
