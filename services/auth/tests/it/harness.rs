//! A running service, and callers who go through the gateway's question.

use chrono::{DateTime, TimeZone as _, Utc};
use demeter_auth::Role;
use demeter_auth::{Config, build, create_admin, generate_identity_key, generate_jwt_key, migrate};
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_grpc::Channel;
use demeter_identity::{Caller, Guard, HEADER, Issuer};
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::auth::v1 as pb;
use demeter_proto::auth::v1::service_token_service_client::ServiceTokenServiceClient;
use demeter_proto::auth::v1::session_service_client::SessionServiceClient;
use demeter_proto::auth::v1::user_service_client::UserServiceClient;
use demeter_testkit::TestDatabase;
use envoy_types::pb::envoy::service::auth::v3::attribute_context::{
    HttpRequest, Request as Attributes,
};
use envoy_types::pb::envoy::service::auth::v3::authorization_client::AuthorizationClient;
use envoy_types::pb::envoy::service::auth::v3::check_response::HttpResponse;
use envoy_types::pb::envoy::service::auth::v3::{AttributeContext, CheckRequest, CheckResponse};
use envoy_types::pb::google::protobuf::value::Kind;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret as _;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tonic::{Code, Request, Status};

pub(crate) const ADMIN: &str = "admin@demeter.local";
pub(crate) const PASSWORD: &str = "a-garden-of-cacti";
pub(crate) const CLIENT_SECRET: &str = "the photo service's secret";

/// One service on one database.
pub(crate) struct Lab {
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    pub(crate) guard: Guard,
    pub(crate) sessions: SessionServiceClient<Channel>,
    pub(crate) users: UserServiceClient<Channel>,
    pub(crate) service_tokens: ServiceTokenServiceClient<Channel>,
    authorization: AuthorizationClient<Channel>,
    ops: std::net::SocketAddr,
    /// The name of the key that signs access tokens.
    kid: Option<String>,
    _database: TestDatabase,
    _stop: DropGuard,
}

/// A person who signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user_id: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) claims: serde_json::Value,
}

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

/// A service with one administrator on each engine.
pub(crate) async fn labs() -> Vec<Lab> {
    let mut labs = Vec::new();
    for database in TestDatabase::all().await {
        labs.push(Lab::start(database).await);
    }
    labs
}

/// Tables with one administrator in them.
async fn prepared(database: &TestDatabase) -> Config {
    let config = settings(database);
    migrate(&config.database).await.unwrap();
    create_admin(&config, ADMIN, &PASSWORD.into())
        .await
        .unwrap();
    config
}

/// Fresh keys, free ports and this database.
pub(crate) fn settings(database: &TestDatabase) -> Config {
    Config::from_env(&environment(database)).unwrap()
}

pub(crate) fn environment(database: &TestDatabase) -> Env {
    let (private, _public) = generate_identity_key();
    Env::from_pairs([
        ("AUTH_LISTEN", "127.0.0.1:0"),
        ("AUTH_OPS_LISTEN", "127.0.0.1:0"),
        ("MESH_TLS", "off"),
        ("NURSERY_NAME", "Vivero Los Cardones"),
    ])
    .with("DATABASE_URL", database.url())
    .with("IDENTITY_PRIVATE_KEY", private.expose_secret())
    .with(
        "AUTH_JWT_PRIVATE_KEY",
        generate_jwt_key().unwrap().expose_secret(),
    )
    .with("AUTH_SERVICE_CLIENT_PHOTO_SECRET", CLIENT_SECRET)
}

// === impl Lab ===

impl Lab {
    /// A service with one administrator.
    pub(crate) async fn start(database: TestDatabase) -> Self {
        let config = prepared(&database).await;
        Self::serve(database, config).await
    }

    /// A service whose clock goes.
    pub(crate) async fn in_time(database: TestDatabase) -> Self {
        let config = prepared(&database).await;
        Self::serve_at(database, config, Clock::system()).await
    }

    /// A service on tables that are there.
    pub(crate) async fn serve(database: TestDatabase, config: Config) -> Self {
        Self::serve_at(database, config, Clock::fixed(noon())).await
    }

    async fn serve_at(database: TestDatabase, config: Config, clock: Clock) -> Self {
        let issuer = Issuer::from_private_key(&config.identity_private_key).unwrap();
        let public = issuer.public_key();
        let app = build(config.clone(), clock.clone(), Ids::random())
            .await
            .unwrap();
        let (address, ops) = (app.grpc_addr(), app.ops_addr());
        let shutdown = CancellationToken::new();
        TaskTracker::new().spawn(app.serve(shutdown.clone()));
        let channel = demeter_grpc::channel(&format!("http://{address}")).unwrap();
        let now = clock.clone();
        let (_status, keys) = demeter_testkit::page(ops, "/.well-known/jwks.json").await;
        let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
        Self {
            kid: keys["keys"][0]["kid"].as_str().map(str::to_owned),
            guard: Guard::new(&public, DESCRIPTOR_SET, move || now.now()).unwrap(),
            clock,
            config,
            sessions: SessionServiceClient::new(channel.clone()),
            users: UserServiceClient::new(channel.clone()),
            service_tokens: ServiceTokenServiceClient::new(channel.clone()),
            authorization: AuthorizationClient::new(channel),
            ops,
            _database: database,
            _stop: shutdown.drop_guard(),
        }
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Result<Person, Status> {
        self.log_in_from(None, email, password).await
    }

    /// Signs in from an address, as the gateway tells it.
    pub(crate) async fn log_in_from(
        &self,
        address: Option<&str>,
        email: &str,
        password: &str,
    ) -> Result<Person, Status> {
        let mut request = Request::new(pb::LoginRequest {
            email: email.to_owned(),
            password: password.to_owned(),
        });
        if let Some(address) = address {
            let metadata = request.metadata_mut();
            metadata.insert("x-demeter-address", address.parse().unwrap());
        }
        let response = self.sessions.clone().login(request).await?.into_inner();
        assert_eq!(
            (response.token_type.as_str(), response.expires_in),
            ("Bearer", 900)
        );
        Ok(Person {
            user_id: response.user.unwrap().user_id,
            claims: payload(&response.access_token),
            access_token: response.access_token,
            refresh_token: response.refresh_token,
        })
    }

    pub(crate) async fn admin(&self) -> Person {
        self.log_in(ADMIN, PASSWORD).await.unwrap()
    }

    /// Adds a user and signs them in.
    pub(crate) async fn given(&self, role: Role) -> Person {
        let email = format!("new-{}@demeter.local", role.name());
        let admin = self.admin().await;
        let request = pb::CreateUserRequest {
            email: email.clone(),
            password: PASSWORD.to_owned(),
            role: match role {
                Role::Viewer => pb::Role::Viewer,
                Role::Worker => pb::Role::Worker,
                Role::Supervisor => pb::Role::Supervisor,
                Role::Admin => pb::Role::Admin,
            }
            .into(),
            ..Default::default()
        };
        let request = self
            .known(&admin, "/demeter.auth.v1.UserService/CreateUser", request)
            .await;
        self.users.clone().create_user(request).await.unwrap();
        self.log_in(&email, PASSWORD).await.unwrap()
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<pb::RefreshResponse, Status> {
        let request = pb::RefreshRequest {
            refresh_token: token.to_owned(),
        };
        self.sessions
            .clone()
            .refresh(request)
            .await
            .map(tonic::Response::into_inner)
    }

    /// A request that carries what the gateway got for this person and RPC.
    pub(crate) async fn known<T>(&self, person: &Person, rpc: &str, message: T) -> Request<T> {
        carrying(&biscuit(&self.check(person, rpc).await).unwrap(), message)
    }

    /// The gateway's question about this person.
    pub(crate) async fn check(&self, person: &Person, rpc: &str) -> CheckResponse {
        self.ask(rpc, Some(&person.access_token)).await
    }

    /// The gateway's question about any access token.
    pub(crate) async fn ask(&self, rpc: &str, token: Option<&str>) -> CheckResponse {
        self.ask_raw(question(rpc, token)).await.unwrap()
    }

    /// A token of the service's own key that says this.
    pub(crate) fn sign(&self, claims: &serde_json::Value) -> String {
        let key = self.config.jwt_private_key.expose_secret();
        let key = EncodingKey::from_ed_pem(key.as_bytes()).unwrap();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid.clone_from(&self.kid);
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    }

    pub(crate) async fn ask_raw(&self, question: CheckRequest) -> Result<CheckResponse, Status> {
        self.authorization
            .clone()
            .check(question)
            .await
            .map(tonic::Response::into_inner)
    }

    /// A path of the ops port.
    pub(crate) async fn get(&self, path: &str) -> String {
        let (status, text) = demeter_testkit::page(self.ops, path).await;
        assert_eq!(status, 200, "{text}");
        text
    }
}

/// A request that carries this identity.
pub(crate) fn carrying<T>(biscuit: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert(HEADER, biscuit.parse().unwrap());
    request
}

// === the gateway's part ===

/// What a JWT says, unverified.
pub(crate) fn payload(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let middle = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(middle)
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The question about a call with this access token.
pub(crate) fn question(rpc: &str, token: Option<&str>) -> CheckRequest {
    let mut headers = vec![("x-request-id".to_owned(), "request-7".to_owned())];
    headers.extend(token.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
    question_with(rpc, headers)
}

/// The question about a call with these headers.
pub(crate) fn question_with(rpc: &str, headers: Vec<(String, String)>) -> CheckRequest {
    let http = HttpRequest {
        path: rpc.to_owned(),
        headers: headers.into_iter().collect(),
        ..HttpRequest::default()
    };
    CheckRequest {
        attributes: Some(AttributeContext {
            request: Some(Attributes {
                http: Some(http),
                ..Attributes::default()
            }),
            ..AttributeContext::default()
        }),
    }
}

/// Whom a service would serve an RPC for, when this identity comes with it: nobody
/// where no identity is asked for.
pub(crate) fn served(
    guard: &Guard,
    rpc: &str,
    biscuit: Option<&str>,
) -> Result<Option<Caller>, Status> {
    let mut request = http::Request::builder().uri(format!("http://service{rpc}"));
    if let Some(biscuit) = biscuit {
        request = request.header(HEADER, biscuit);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    guard.gate()(&mut parts)?;
    Ok(parts.extensions.remove::<Caller>())
}

/// The identity in an answer, when it lets the call in with one.
pub(crate) fn biscuit(answer: &CheckResponse) -> Option<String> {
    let Some(HttpResponse::OkResponse(response)) = &answer.http_response else {
        return None;
    };
    let header = response.headers.first()?.header.as_ref()?;
    assert_eq!(header.key, HEADER);
    Some(header.value.clone())
}

/// The HTTP status and the reason of an answer that lets nobody in.
pub(crate) fn denial(answer: &CheckResponse) -> (i32, String) {
    let Some(HttpResponse::DeniedResponse(response)) = &answer.http_response else {
        panic!("let in: {answer:?}");
    };
    assert_ne!(answer.status.as_ref().unwrap().code, 0);
    let metadata = answer.dynamic_metadata.as_ref().unwrap();
    let Some(Kind::StringValue(reason)) = &metadata.fields["reason"].kind else {
        panic!("no reason: {answer:?}");
    };
    (response.status.as_ref().unwrap().code, reason.clone())
}

/// The code and the reason of a refused call.
pub(crate) fn refused<T>(outcome: Result<T, Status>) -> (Code, String) {
    let Err(status) = outcome else {
        panic!("not refused")
    };
    (
        status.code(),
        demeter_grpc::status::reason(&status).unwrap(),
    )
}
