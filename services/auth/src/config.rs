//! What the environment says; its only reader in this crate.

use std::collections::BTreeSet;

use chrono::Duration;
use demeter_config::{Env, Faults, Reader};
use demeter_identity::Issuer;
use demeter_service::{Ports, Settings, TokenNames};
use secrecy::SecretString;

use crate::keys::{Clients, Signer};
use crate::people::domain::words;
use crate::sessions::access_token::AccessTokens;

const PORTS: Ports = Ports {
    grpc: 50051,
    ops: 9051,
};

/// The settings of the auth service.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ports, logs and traces.
    pub service: Settings,
    /// Users, sessions and tokens.
    pub database: demeter_db::Config,
    /// `iss`, `aud` and lifetime of access tokens.
    pub access_tokens: AccessTokens,
    /// Signs access tokens: Ed25519, PKCS#8 PEM.
    pub jwt_private_key: SecretString,
    /// Signs identities: Ed25519, hex.
    pub identity_private_key: SecretString,
    /// How long a session lasts without being refreshed.
    pub session_lifetime: Duration,
    /// Words that a password must not lean on.
    pub nursery: BTreeSet<String>,
    /// The secrets of services, by name. A service without one gets no token.
    pub clients: Clients,
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
            service: Settings::read(&reader, "auth", PORTS),
            database: demeter_service::database(&reader, "auth"),
            access_tokens: AccessTokens {
                names: TokenNames::read(&reader),
                lifetime: Duration::minutes(minutes),
            },
            jwt_private_key: reader.required_secret("AUTH_JWT_PRIVATE_KEY"),
            identity_private_key: reader.required_secret("IDENTITY_PRIVATE_KEY"),
            session_lifetime: Duration::days(days),
            nursery: words(&reader.string("NURSERY_NAME", ""))
                .chain(["demeter".to_owned()])
                .collect(),
            clients: Clients::new(photo.map(|secret| ("photo".to_owned(), secret))),
        };
        check_keys(&reader, &config);
        reader.finish(config)
    }
}

fn check_keys(reader: &Reader<'_>, config: &Config) {
    let is_set = |name: &str| reader.secret(name).is_some();
    if is_set("AUTH_JWT_PRIVATE_KEY")
        && let Err(error) = Signer::new(&config.jwt_private_key)
    {
        reader.fault(
            "AUTH_JWT_PRIVATE_KEY",
            format!("{error}; a first `demeter up` makes one, in data/secrets"),
        );
    }
    if !is_set("IDENTITY_PRIVATE_KEY") {
        return;
    }
    match Issuer::from_private_key(&config.identity_private_key) {
        Err(error) => reader.fault(
            "IDENTITY_PRIVATE_KEY",
            format!("is {error}; a first `demeter up` makes one, in data/secrets"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{generate_identity_key, generate_jwt_key};
    use secrecy::ExposeSecret as _;

    fn env() -> Env {
        let (private, public) = generate_identity_key();
        Env::from_pairs([("IDENTITY_PUBLIC_KEY", public)])
            .with("MESH_TLS", "off")
            .with("IDENTITY_PRIVATE_KEY", private.expose_secret())
            .with(
                "AUTH_JWT_PRIVATE_KEY",
                generate_jwt_key().unwrap().expose_secret(),
            )
    }

    #[test]
    fn keys_are_all_that_has_to_be_set() {
        let config = Config::from_env(&env()).unwrap();

        assert_eq!(config.service.listen.port(), 50051);
        assert_eq!(config.access_tokens.lifetime, Duration::minutes(15));
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
