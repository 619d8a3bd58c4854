//! What the environment says; its only reader in this crate.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::Duration;
use demeter_config::{Env, Faults, Reader};
use demeter_identity::Issuer;
use secrecy::SecretString;

use crate::token::{Signer, SignerConfig};

/// The settings of the auth service.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where gRPC is served.
    pub listen: SocketAddr,
    /// Where metrics, health and the JWKS are served.
    pub ops_listen: SocketAddr,
    /// Users, sessions and tokens.
    pub database: demeter_db::Config,
    /// `iss`, `aud` and lifetime of access tokens.
    pub tokens: SignerConfig,
    /// Signs access tokens: Ed25519, PKCS#8 PEM.
    pub jwt_private_key: SecretString,
    /// Signs identities: Ed25519, hex.
    pub identity_private_key: SecretString,
    /// How long a session lasts without being refreshed.
    pub session_lifetime: Duration,
    /// The secrets of services, by name. A service without one gets no token.
    pub clients: BTreeMap<String, SecretString>,
    /// Logs and traces of a process of its own.
    pub telemetry: demeter_telemetry::Config,
}

// === impl Config ===

impl Config {
    /// Reads everything and checks the keys, or tells every fault at once.
    pub fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let minutes = positive(&reader, "AUTH_ACCESS_TOKEN_MINUTES", 15);
        let days = positive(&reader, "AUTH_REFRESH_TOKEN_DAYS", 7);
        let photo = reader
            .secret("AUTH_SERVICE_CLIENT_PHOTO_SECRET")
            .or_else(|| reader.secret("PHOTO_CLIENT_SECRET"));
        let config = Self {
            listen: reader.parse("AUTH_LISTEN", SocketAddr::from(([0, 0, 0, 0], 50051))),
            ops_listen: reader.parse("AUTH_OPS_LISTEN", SocketAddr::from(([0, 0, 0, 0], 9051))),
            database: database(&reader),
            tokens: SignerConfig {
                issuer: reader.string("AUTH_JWT_ISSUER", "https://auth.demeter.local"),
                audience: reader.string("AUTH_JWT_AUDIENCE", "demeter-api"),
                lifetime: Duration::minutes(minutes),
            },
            jwt_private_key: reader.required_secret("AUTH_JWT_PRIVATE_KEY"),
            identity_private_key: reader.required_secret("IDENTITY_PRIVATE_KEY"),
            session_lifetime: Duration::days(days),
            clients: photo
                .map(|secret| ("photo".to_owned(), secret))
                .into_iter()
                .collect(),
            telemetry: telemetry(&reader),
        };
        check_keys(&reader, &config);
        reader.finish(config)
    }
}

fn check_keys(reader: &Reader<'_>, config: &Config) {
    let is_set = |name: &str| reader.secret(name).is_some();
    if is_set("AUTH_JWT_PRIVATE_KEY")
        && let Err(error) = Signer::new(config.tokens.clone(), &config.jwt_private_key)
    {
        reader.fault(
            "AUTH_JWT_PRIVATE_KEY",
            format!("{error}; `demeter keys` makes one"),
        );
    }
    if !is_set("IDENTITY_PRIVATE_KEY") {
        return;
    }
    match Issuer::from_private_key(&config.identity_private_key) {
        Err(error) => reader.fault(
            "IDENTITY_PRIVATE_KEY",
            format!("is {error}; `demeter keys` makes one"),
        ),
        Ok(issuer) => {
            let public = reader.optional("IDENTITY_PUBLIC_KEY");
            if public.is_some_and(|public| public.trim() != issuer.public_key()) {
                reader.fault(
                    "IDENTITY_PUBLIC_KEY",
                    "does not belong to IDENTITY_PRIVATE_KEY",
                );
            }
        }
    }
}

fn positive(reader: &Reader<'_>, name: &str, default: i32) -> i64 {
    let value = reader.parse(name, default);
    if value <= 0 {
        reader.fault(name, "must be at least 1");
    }
    value.max(1).into()
}

fn database(reader: &Reader<'_>) -> demeter_db::Config {
    let url = reader.secret("DATABASE_URL").unwrap_or_else(|| {
        let folder = reader.string("DATA_DIR", "./data");
        let folder =
            std::path::absolute(Path::new(&folder)).unwrap_or_else(|_| PathBuf::from(folder));
        format!("sqlite://{}", folder.join("auth.db").display()).into()
    });
    demeter_db::Config {
        url,
        max_connections: reader.parse("AUTH_DATABASE_CONNECTIONS", 10),
    }
}

fn telemetry(reader: &Reader<'_>) -> demeter_telemetry::Config {
    let is_on = reader.parse("OTEL_ENABLED", false);
    let endpoint = reader.optional("OTEL_EXPORTER_OTLP_ENDPOINT");
    demeter_telemetry::Config {
        service: "auth".to_owned(),
        environment: reader.string("APP_ENV", "development"),
        log_filter: reader.string("LOG_LEVEL", "info"),
        log_file: None,
        otlp_endpoint: endpoint.filter(|_| is_on),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{generate_identity_key, generate_jwt_key};
    use secrecy::ExposeSecret as _;

    fn env() -> Env {
        let (private, public) = generate_identity_key();
        Env::from_pairs([("IDENTITY_PUBLIC_KEY", public)])
            .with("IDENTITY_PRIVATE_KEY", private.expose_secret())
            .with(
                "AUTH_JWT_PRIVATE_KEY",
                generate_jwt_key().unwrap().expose_secret(),
            )
    }

    #[test]
    fn keys_are_all_that_has_to_be_set() {
        let config = Config::from_env(&env()).unwrap();

        assert_eq!(config.listen.port(), 50051);
        assert_eq!(config.tokens.lifetime, Duration::minutes(15));
        assert!(config.clients.is_empty());
        assert!(
            config
                .database
                .url
                .expose_secret()
                .ends_with("/data/auth.db")
        );
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let env = env()
            .with("AUTH_JWT_PRIVATE_KEY", "no key")
            .with("IDENTITY_PUBLIC_KEY", "00")
            .with("AUTH_LISTEN", "here")
            .with("AUTH_ACCESS_TOKEN_MINUTES", "0");

        let faults = Config::from_env(&env).unwrap_err();

        let names: Vec<_> = faults
            .0
            .iter()
            .map(|fault| fault.variable.as_str())
            .collect();
        for name in [
            "AUTH_JWT_PRIVATE_KEY",
            "IDENTITY_PUBLIC_KEY",
            "AUTH_LISTEN",
            "AUTH_ACCESS_TOKEN_MINUTES",
        ] {
            assert!(names.contains(&name), "{name} in {names:?}");
        }
        assert!(!faults.to_string().contains("no key"));
    }
}
