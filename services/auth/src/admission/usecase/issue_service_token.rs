//! Identities for services that work on their own behalf.

use chrono::{DateTime, Duration, Utc};
use demeter_identity::{CallerKind, Grant};
use secrecy::SecretString;

use crate::admission::usecase::Admissions;
use crate::error::{Error, Rejected};

/// A service asks again well before this.
fn lifetime() -> Duration {
    Duration::minutes(10)
}

/// A service's identity.
#[derive(Debug)]
pub(crate) struct ServiceToken {
    /// For the identity header.
    pub(crate) biscuit: SecretString,
    /// When it stops working.
    pub(crate) expires_at: DateTime<Utc>,
}

// === impl Admissions ===

impl Admissions {
    /// Exchanges client credentials for an identity.
    pub(crate) fn issue_service_token(
        &self,
        client: &str,
        secret: &SecretString,
    ) -> Result<ServiceToken, Error> {
        let Some(rights) = self.clients.rights(client, secret) else {
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
