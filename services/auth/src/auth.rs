//! What the use cases work with.

use std::collections::BTreeMap;

use chrono::Duration;
use demeter_clock::{Clock, Ids};
use demeter_identity::{Issuer, Policy};
use secrecy::SecretString;

use crate::database::Store;
use crate::keys::{AccessToken, Signer};
use crate::people::hashing::Hasher;
use crate::sessions::opaque::Opaque;

/// Everything that the use cases work with.
#[derive(Debug)]
pub struct Auth {
    /// Users, sessions and tokens.
    pub store: Store,
    /// Passwords.
    pub hasher: Hasher,
    /// Access tokens.
    pub signer: Signer,
    /// Identities inside the mesh.
    pub issuer: Issuer,
    /// Who may call what.
    pub policy: Policy,
    /// The secrets of services, by name.
    pub clients: BTreeMap<String, SecretString>,
    /// How long a session lasts without being refreshed.
    pub session_lifetime: Duration,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
}

/// What a person needs to go on.
#[derive(Debug)]
pub struct Tokens {
    /// For every call.
    pub access: AccessToken,
    /// For the next access token; works once.
    pub refresh: Opaque,
}
