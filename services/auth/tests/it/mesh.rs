//! Whom the service answers, by the certificate that a caller shows.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use demeter_auth::{Config, build, generate_identity_key, generate_jwt_key, migrate};
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_grpc::{Channel, Credentials, Files, Mesh};
use demeter_proto::auth::v1::IssueServiceTokenRequest;
use demeter_proto::auth::v1::service_token_service_client::ServiceTokenServiceClient;
use demeter_testkit::TestDatabase;
use envoy_types::pb::envoy::service::auth::v3::CheckRequest;
use envoy_types::pb::envoy::service::auth::v3::authorization_client::AuthorizationClient;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tonic::{Code, Status};

use crate::harness::CLIENT_SECRET;

struct Auth {
    address: SocketAddr,
    certificates: TempDir,
    _database: TestDatabase,
    _stop: DropGuard,
}

/// Certificates of an authority of its own.
#[expect(clippy::disallowed_methods, reason = "certificates are good now")]
fn certificates() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let day = Duration::from_hours(24);
    demeter_certificates::write(folder.path(), SystemTime::now(), day).unwrap();
    folder
}

fn member(folder: &Path, name: &str) -> Mesh {
    let file = |file: &str| folder.join(name).join(file);
    let files = Files {
        certificate: file("tls.crt"),
        key: file("tls.key"),
        authority: file("ca.crt"),
    };
    Mesh::Secured(Credentials::read(files).unwrap())
}

impl Auth {
    async fn start() -> Self {
        let certificates = certificates();
        let file = |name: &str| certificates.path().join(name).display().to_string();
        let database = TestDatabase::sqlite();
        let (private, _public) = generate_identity_key();
        let jwt_key = generate_jwt_key().unwrap();
        let env = Env::from_pairs([
            ("AUTH_LISTEN", "127.0.0.1:0"),
            ("AUTH_OPS_LISTEN", "127.0.0.1:0"),
            ("AUTH_SERVICE_CLIENT_PHOTO_SECRET", CLIENT_SECRET),
            ("DATABASE_URL", database.url()),
            ("IDENTITY_PRIVATE_KEY", private.expose_secret()),
            ("AUTH_JWT_PRIVATE_KEY", jwt_key.expose_secret()),
        ])
        .with("TLS_CERT", file("auth/tls.crt"))
        .with("TLS_KEY", file("auth/tls.key"))
        .with("TLS_CA", file("ca.crt"));
        let config = Config::from_env(&env).unwrap();
        migrate(&config.database).await.unwrap();
        let app = build(config, Clock::system(), Ids::random()).await.unwrap();
        let address = app.grpc_addr();
        let shutdown = CancellationToken::new();
        TaskTracker::new().spawn(app.serve(shutdown.clone()));
        Self {
            address,
            certificates,
            _database: database,
            _stop: shutdown.drop_guard(),
        }
    }

    fn channel(&self, mesh: &Mesh) -> Channel {
        let url = format!("{}://{}", mesh.scheme(), self.address);
        mesh.channel("auth", &url).unwrap()
    }

    fn member(&self, name: &str) -> Mesh {
        member(self.certificates.path(), name)
    }

    async fn check(&self, mesh: &Mesh) -> Result<(), Status> {
        let mut client = AuthorizationClient::new(self.channel(mesh));
        let answer = client.check(CheckRequest::default()).await;
        answer.map(|_answer| ())
    }

    /// Asks for the identity of the photo service.
    async fn issue(&self, mesh: &Mesh) -> Result<String, Status> {
        let request = IssueServiceTokenRequest {
            client_id: "photo".to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
        };
        let mut client = ServiceTokenServiceClient::new(self.channel(mesh));
        let answer = client.issue_service_token(request).await?;
        Ok(answer.into_inner().biscuit)
    }
}

#[tokio::test]
async fn only_the_gateway_may_ask_who_someone_is() {
    let auth = Auth::start().await;

    auth.check(&auth.member("gateway")).await.unwrap();

    for service in ["photo", "stock", "inference", "auth"] {
        let refused = auth.check(&auth.member(service)).await.unwrap_err();
        assert_eq!(
            refused.code(),
            Code::PermissionDenied,
            "{service}: {refused}"
        );
    }
}

#[tokio::test]
async fn whoever_has_no_certificate_of_the_mesh_is_not_heard() {
    let auth = Auth::start().await;
    let elsewhere = certificates();
    let strangers = [
        ("in the clear", Mesh::Clear),
        (
            "a gateway of another mesh",
            member(elsewhere.path(), "gateway"),
        ),
    ];

    for (who, stranger) in strangers {
        for refused in [
            auth.check(&stranger).await.unwrap_err(),
            auth.issue(&stranger).await.unwrap_err(),
        ] {
            assert_eq!(refused.code(), Code::Unavailable, "{who}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_service_gets_no_identity_but_its_own_whatever_secret_it_knows() {
    let auth = Auth::start().await;

    assert!(!auth.issue(&auth.member("photo")).await.unwrap().is_empty());

    for thief in ["gateway", "stock", "inference"] {
        let refused = auth.issue(&auth.member(thief)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{thief}: {refused}");
    }
}
