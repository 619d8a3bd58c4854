//! What the service is made of.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_grpc::{Gate, Server};
use demeter_identity::{Issuer, Policy};
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::auth::v1::service_token_service_server::ServiceTokenServiceServer;
use demeter_proto::auth::v1::session_service_server::SessionServiceServer;
use demeter_proto::auth::v1::user_service_server::UserServiceServer;
use demeter_service::{Frame, Service};
use envoy_types::pb::envoy::service::auth::v3::authorization_server::AuthorizationServer;
use sea_orm::DatabaseConnection;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::admission::api::AUTHORIZATION_SERVICE;
use crate::auth::Auth;
use crate::config::Config;
use crate::database::{SCHEMA, Store};
use crate::grpc::Api;
use crate::keys::Signer;
use crate::keys::page::jwks;
use crate::metrics::Metrics;
use crate::migration::Migrator;
use crate::people::hashing::Hasher;

/// How often what is over is forgotten.
const PURGE_EVERY: Duration = Duration::from_hours(1);

/// Takes the ports and connects; the tables must have been migrated.
pub async fn build(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Service> {
    let mut frame = Frame::bind(&config.service).await?;
    let connection = demeter_db::open(&config.database, SCHEMA).await?;
    frame.needs_tables::<Migrator>(&connection, SCHEMA);
    let auth = Arc::new(auth(config, connection, clock.clone(), ids).await?);
    frame.page("/.well-known/jwks.json", jwks(auth.signer.jwks()));
    frame.worker("purge", purge(Arc::clone(&auth), frame.stopping()));
    let gate = gate(&auth.issuer, &clock)?;
    let api = Api::new(auth, Metrics::register(frame.registry()));
    let server = Server::new(DESCRIPTOR_SET, gate, frame.registry())
        .add(SessionServiceServer::new(api.clone()))
        .add(UserServiceServer::new(api.clone()))
        .add(ServiceTokenServiceServer::new(api.clone()))
        .add(AuthorizationServer::new(api));
    Ok(frame.serving(server))
}

async fn auth(
    config: Config,
    connection: DatabaseConnection,
    clock: Clock,
    ids: Ids,
) -> anyhow::Result<Auth> {
    Ok(Auth {
        store: Store::new(connection),
        hasher: tokio::task::spawn_blocking(Hasher::new).await??,
        signer: Signer::new(config.tokens, &config.jwt_private_key)
            .context("AUTH_JWT_PRIVATE_KEY")?,
        issuer: Issuer::from_private_key(&config.identity_private_key)
            .context("IDENTITY_PRIVATE_KEY")?,
        policy: Policy::from_descriptor_set(DESCRIPTOR_SET)?,
        clients: config.clients,
        session_lifetime: config.session_lifetime,
        clock,
        ids,
    })
}

/// The gate of every service, with one door more: the gateway has no identity
/// when it asks for one. Whoever reaches this port can ask too, and learns
/// nothing without a session's two ids; keep it inside the mesh.
fn gate(issuer: &Issuer, clock: &Clock) -> anyhow::Result<Gate> {
    let admit = demeter_service::gate(&issuer.public_key(), clock)?;
    Ok(Arc::new(move |parts: &mut _| {
        let parts: &mut http::request::Parts = parts;
        if parts.uri.path().starts_with(AUTHORIZATION_SERVICE) {
            Ok(())
        } else {
            admit(parts)
        }
    }))
}

async fn purge(auth: Arc<Auth>, stopping: CancellationToken) -> anyhow::Result<()> {
    let mut timer = tokio::time::interval(PURGE_EVERY);
    while stopping.run_until_cancelled(timer.tick()).await.is_some() {
        match auth.purge().await {
            Ok(rows) => info!(db.rows = rows, "forgot what is over"),
            Err(error) => warn!(
                error = &error as &dyn std::error::Error,
                "cannot forget what is over"
            ),
        }
    }
    Ok(())
}
