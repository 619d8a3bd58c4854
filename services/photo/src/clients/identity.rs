//! The identity of the photo service itself, for work that no person waits for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use demeter_clock::Clock;
use demeter_grpc::Channel;
use demeter_proto::auth::v1 as pb;
use demeter_proto::auth::v1::service_token_service_client::ServiceTokenServiceClient;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use super::status::{call_error, twice};
use crate::ports::CallError;

const CLIENT_ID: &str = "photo";
const TIMEOUT: Duration = Duration::from_secs(5);
/// A token is renewed when it has less than this left.
const MARGIN: chrono::Duration = chrono::Duration::seconds(10);
/// The least that an attenuated token has to be good for.
const ONE_MINUTE: chrono::Duration = chrono::Duration::minutes(1);

/// Exchanges client credentials for a biscuit and keeps it while it is good.
pub struct ServiceIdentity {
    auth: ServiceTokenServiceClient<Channel>,
    secret: SecretString,
    clock: Clock,
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone)]
struct Kept {
    biscuit: String,
    expires_at: DateTime<Utc>,
}

// === impl ServiceIdentity ===

impl ServiceIdentity {
    /// Asks for nothing yet.
    pub fn new(auth: Channel, secret: SecretString, clock: Clock) -> Self {
        Self {
            auth: ServiceTokenServiceClient::new(auth),
            secret,
            clock,
            kept: Mutex::new(None),
        }
    }

    /// A biscuit for one RPC, good for a minute or until the service's own ends.
    pub async fn biscuit_for(&self, rpc: &str) -> Result<String, CallError> {
        let Kept {
            biscuit,
            expires_at,
        } = self.kept().await?;
        let until = expires_at.min(self.clock.now() + ONE_MINUTE);
        attenuated(&biscuit, rpc, until)
    }

    /// Forgets the biscuit, after a service did not accept it.
    pub async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn kept(&self) -> Result<Kept, CallError> {
        // Held while asking, so that many workers ask once.
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some(good) = kept.as_ref().filter(|kept| kept.expires_at > now + MARGIN) {
            return Ok(good.clone());
        }
        let fresh = self.issue(now).await?;
        Ok(kept.insert(fresh).clone())
    }

    async fn issue(&self, now: DateTime<Utc>) -> Result<Kept, CallError> {
        let message = pb::IssueServiceTokenRequest {
            client_id: CLIENT_ID.to_owned(),
            client_secret: self.secret.expose_secret().to_owned(),
        };
        let answer = twice(|| {
            let mut auth = self.auth.clone();
            let request = demeter_grpc::outgoing(message.clone(), "", TIMEOUT);
            async move { auth.issue_service_token(request).await }
        })
        .await;
        let pb::IssueServiceTokenResponse {
            biscuit,
            expire_time,
        } = answer
            .map_err(|status| call_error("auth", &status))?
            .into_inner();
        let expires_at = expire_time
            .and_then(|time| DateTime::from_timestamp(time.seconds, 0))
            .unwrap_or(now);
        Ok(Kept {
            biscuit,
            expires_at,
        })
    }
}

/// Narrows a biscuit to one RPC and an end.
pub(super) fn attenuated(
    biscuit: &str,
    rpc: &str,
    until: DateTime<Utc>,
) -> Result<String, CallError> {
    demeter_identity::attenuate(biscuit, rpc, until)
        .map_err(|error| CallError::Broken(format!("the identity cannot be narrowed: {error}")))
}
