//! Identities for services that work on their own behalf.

use chrono::{DateTime, Duration, Utc};
use demeter_identity::{CallerKind, Grant};
use secrecy::{ExposeSecret as _, SecretString};

use crate::auth::Auth;
use crate::error::{Error, Rejected};
use crate::people::domain::rights_of_service;
use crate::sessions::opaque::sha256_hex;

/// A service asks again well before this.
fn lifetime() -> Duration {
    Duration::minutes(10)
}

/// A service's identity.
#[derive(Debug)]
pub struct ServiceToken {
    /// For the identity header.
    pub biscuit: SecretString,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

// === impl Auth ===

impl Auth {
    /// Exchanges client credentials for an identity.
    pub fn issue_service_token(
        &self,
        client: &str,
        secret: &SecretString,
    ) -> Result<ServiceToken, Error> {
        let expected = self.clients.get(client);
        let right_secret = same(secret, expected.unwrap_or(&SecretString::default()));
        let (true, Some(_), Some(rights)) = (right_secret, expected, rights_of_service(client))
        else {
            return Err(Rejected::Credentials.into());
        };
        let expires_at = self.clock.now() + lifetime();
        let grant = Grant {
            subject: client.to_owned(),
            kind: CallerKind::Service,
            rights,
            session: None,
            request_id: None,
            expires_at,
        };
        let biscuit = self.issuer.issue(&grant).map_err(Error::internal)?;
        Ok(ServiceToken {
            biscuit: biscuit.into(),
            expires_at,
        })
    }
}

/// Compares by hash: how long it takes depends on hashes, which nobody who
/// does not know the secret can steer.
fn same(given: &SecretString, expected: &SecretString) -> bool {
    sha256_hex(given.expose_secret()) == sha256_hex(expected.expose_secret())
}
