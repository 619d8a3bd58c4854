//! What is decided, one file per verb.

mod admit;
mod issue_service_token;

use demeter_clock::Clock;
use demeter_identity::{Issuer, Policy};

use crate::database::Store;
use crate::keys::{Clients, Verifier};
use crate::sessions::access_token::AccessTokens;

pub(crate) use admit::{Admission, Demand, Denial};

/// What deciding works with.
#[derive(Debug)]
pub(crate) struct Admissions {
    pub(crate) store: Store,
    /// What a person has to show, and what verifies it.
    pub(crate) access_tokens: AccessTokens,
    pub(crate) verifier: Verifier,
    /// Signs identities inside the mesh.
    pub(crate) issuer: Issuer,
    /// Who may call what.
    pub(crate) policy: Policy,
    /// Services that work on their own behalf.
    pub(crate) clients: Clients,
    pub(crate) clock: Clock,
}
