//! What the service is made of.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_grpc::{Gate, Peer, Server};
use demeter_identity::{Issuer, Policy};
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::auth::v1::service_token_service_server::ServiceTokenServiceServer;
use demeter_proto::auth::v1::session_service_server::SessionServiceServer;
use demeter_proto::auth::v1::user_service_server::UserServiceServer;
use demeter_service::{Frame, Service};
use envoy_types::pb::envoy::service::auth::v3::authorization_server::AuthorizationServer;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::admission::api::{AUTHORIZATION_SERVICE, not_the_gateway};
use crate::admission::usecase::Admissions;
use crate::config::Config;
use crate::database::{SCHEMA, Store};
use crate::keys::Signer;
use crate::keys::page::jwks;
use crate::migration::Migrator;
use crate::people::hashing::Hasher;
use crate::people::usecase::People;
use crate::sessions::usecase::Sessions;
use crate::{admission, people, sessions};

/// What the gateway's certificate says.
const GATEWAY: &str = "gateway";
/// How often what is over is forgotten.
const PURGE_EVERY: Duration = Duration::from_hours(1);

/// Takes the ports and connects; the tables must have been migrated.
pub async fn build(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Service> {
    let mut frame = Frame::bind(&config.service).await?;
    let connection = demeter_db::open(&config.database, SCHEMA).await?;
    frame.needs_tables::<Migrator>(&connection, SCHEMA);
    let store = Store::new(connection);
    let hasher = tokio::task::spawn_blocking(Hasher::new).await??;
    let signer = Signer::new(&config.jwt_private_key).context("AUTH_JWT_PRIVATE_KEY")?;
    frame.page("/.well-known/jwks.json", jwks(signer.jwks()));
    let people = People {
        store: store.clone(),
        hasher: hasher.clone(),
        nursery: config.nursery,
        clock: clock.clone(),
        ids: ids.clone(),
    };
    let verifier = signer.verifier();
    let sessions = Sessions {
        store: store.clone(),
        hasher,
        signer: Arc::new(signer),
        access_tokens: config.access_tokens.clone(),
        lifetime: config.session_lifetime,
        clock: clock.clone(),
        ids,
    };
    let admissions = Admissions {
        store,
        access_tokens: config.access_tokens,
        verifier,
        issuer: Issuer::from_private_key(&config.identity_private_key)
            .context("IDENTITY_PRIVATE_KEY")?,
        policy: Policy::from_descriptor_set(DESCRIPTOR_SET)?,
        clients: config.clients,
        clock: clock.clone(),
    };
    let gate = gate(&admissions.issuer, &clock)?;
    frame.worker("purge", purge(sessions.clone(), frame.stopping()));
    let sessions = sessions::api::Api::new(sessions, frame.registry());
    let admissions = admission::api::Api::new(admissions, frame.registry());
    let server = Server::new(DESCRIPTOR_SET, gate, frame.registry())
        .add(SessionServiceServer::new(sessions))
        .add(UserServiceServer::new(people::api::Api::new(people)))
        .add(ServiceTokenServiceServer::new(admissions.clone()))
        .add(AuthorizationServer::new(admissions));
    Ok(frame.serving(server))
}

/// The gate of every service, with one door more: the gateway has no identity when
/// it asks for one. Its certificate says who it is; who has another is not answered,
/// and the gateway itself gets nothing without the access token of a living session.
fn gate(issuer: &Issuer, clock: &Clock) -> anyhow::Result<Gate> {
    let admit = demeter_service::gate(&issuer.public_key(), clock)?;
    Ok(Arc::new(move |parts: &mut _| {
        let parts: &mut http::request::Parts = parts;
        if !parts.uri.path().starts_with(AUTHORIZATION_SERVICE) {
            admit(parts)
        } else if Peer::of(&parts.extensions).passes_for(GATEWAY) {
            Ok(())
        } else {
            Err(not_the_gateway())
        }
    }))
}

async fn purge(sessions: Sessions, stopping: CancellationToken) -> anyhow::Result<()> {
    let mut timer = tokio::time::interval(PURGE_EVERY);
    while stopping.run_until_cancelled(timer.tick()).await.is_some() {
        match sessions.purge().await {
            Ok(rows) => info!(db.rows = rows, "forgot what is over"),
            Err(error) => warn!(
                error = &error as &dyn std::error::Error,
                "cannot forget what is over"
            ),
        }
    }
    Ok(())
}
