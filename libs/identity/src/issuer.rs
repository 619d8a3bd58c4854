//! Signing biscuits and narrowing them.

use std::collections::BTreeSet;
use std::fmt;
use std::time::SystemTime;

use biscuit_auth::macros::{block, check, fact};
use biscuit_auth::{Algorithm, Biscuit, BiscuitBuilder, KeyPair, PrivateKey, UnverifiedBiscuit};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{CallerKind, Error, Right};

/// What a new biscuit says.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The user's id or the service's name.
    pub subject: String,
    /// A person or a service.
    pub kind: CallerKind,
    /// What they may do.
    pub rights: BTreeSet<Right>,
    /// The session of a person who signed in, by a name that only the auth service
    /// understands: every service on the way reads it.
    pub session: Option<String>,
    /// The outside request that this biscuit is made for.
    pub request_id: Option<String>,
    /// The last second in which it works.
    pub expires_at: DateTime<Utc>,
}

/// Signs biscuits with the root key. Only the auth service has one.
pub struct Issuer {
    root: KeyPair,
}

// === impl Issuer ===

impl Issuer {
    /// Takes the root key as [`Issuer::generate`] wrote it.
    pub fn from_private_key(private_key_hex: &SecretString) -> Result<Self, Error> {
        let text = private_key_hex.expose_secret().trim();
        match PrivateKey::from_bytes_hex(text, Algorithm::Ed25519) {
            Ok(key) => Ok(Self {
                root: KeyPair::from(&key),
            }),
            Err(_unprintable) => Err(Error::Key),
        }
    }

    /// A new root key pair: private and public key, in hex.
    pub fn generate() -> (SecretString, String) {
        let pair = KeyPair::new_with_algorithm(Algorithm::Ed25519);
        (
            pair.private().to_bytes_hex().into(),
            pair.public().to_bytes_hex(),
        )
    }

    /// The public half, in hex: what every [`Guard`](crate::Guard) is given.
    pub fn public_key(&self) -> String {
        self.root.public().to_bytes_hex()
    }

    /// Signs a biscuit, in base64url.
    pub fn issue(&self, grant: &Grant) -> Result<String, Error> {
        authority(grant)
            .and_then(|builder| builder.build(&self.root))
            .and_then(|biscuit| biscuit.to_base64())
            .map_err(Error::Token)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Issuer").finish_non_exhaustive()
    }
}

/// The facts that a guard believes, and the moment they end.
fn authority(grant: &Grant) -> Result<BiscuitBuilder, biscuit_auth::error::Token> {
    let Grant {
        subject,
        kind,
        rights,
        session,
        request_id,
        expires_at,
    } = grant;
    let subject = subject.as_str();
    let expiry: SystemTime = (*expires_at).into();
    let who = match kind {
        CallerKind::User => fact!("user({subject})"),
        CallerKind::Service => fact!("service({subject})"),
    };
    let mut builder = Biscuit::builder()
        .fact(who)?
        .check(check!("check if time($time), $time <= {expiry}"))?;
    for right in rights {
        builder = builder.fact(fact!("right({right})", right = right.as_str()))?;
    }
    if let Some(session) = session.as_deref() {
        builder = builder.fact(fact!("session({session})"))?;
    }
    if let Some(request_id) = request_id.as_deref() {
        builder = builder.fact(fact!("request_id({request_id})"))?;
    }
    Ok(builder)
}

/// Narrows a biscuit to one RPC (`/pkg.Service/Method`) until a moment.
///
/// The result can do less than the original, never more: it still carries the
/// original's own checks. Needs no key.
pub fn attenuate(token: &str, rpc: &str, expires_at: DateTime<Utc>) -> Result<String, Error> {
    let expiry: SystemTime = expires_at.into();
    let narrowing = block!("check if rpc({rpc}); check if time($time), $time <= {expiry};");
    UnverifiedBiscuit::from_base64(token)
        .and_then(|biscuit| biscuit.append(narrowing))
        .and_then(|biscuit| biscuit.to_base64())
        .map_err(Error::Token)
}
