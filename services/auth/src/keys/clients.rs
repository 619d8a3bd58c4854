//! Services that work on their own behalf: what each may do, and the secret that
//! proves which it is.

use std::collections::{BTreeMap, BTreeSet};

use demeter_identity::Right;
use secrecy::{ExposeSecret as _, SecretString};

use crate::keys::sha256_hex;

/// The secrets of services, by name. A service without one gets no identity.
#[derive(Clone, Debug, Default)]
pub struct Clients(BTreeMap<String, SecretString>);

// === impl Clients ===

impl Clients {
    /// These services, with their secrets.
    pub fn new(secrets: impl IntoIterator<Item = (String, SecretString)>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// Whether no service has a secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a service may do that shows this secret; none for a wrong one, and
    /// for a service that is unknown or never works on its own behalf.
    pub(crate) fn rights(&self, client: &str, secret: &SecretString) -> Option<BTreeSet<Right>> {
        let expected = self.0.get(client);
        let right_secret = same(secret, expected.unwrap_or(&SecretString::default()));
        expected.filter(|_| right_secret)?;
        rights_of(client)
    }
}

fn rights_of(client: &str) -> Option<BTreeSet<Right>> {
    match client {
        // Its worker locates beds, posts counts and has photos counted.
        "photo" => Some([Right::StockRead, Right::StockWrite, Right::PhotosWrite].into()),
        _ => None,
    }
}

/// Compares by hash: how long it takes depends on hashes, which nobody who
/// does not know the secret can steer.
fn same(given: &SecretString, expected: &SecretString) -> bool {
    sha256_hex(given.expose_secret()) == sha256_hex(expected.expose_secret())
}
