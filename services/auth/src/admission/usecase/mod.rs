//! What is decided, one file per verb.

mod admit;
mod issue_service_token;

use demeter_clock::Clock;
use demeter_identity::{Issuer, Policy};

use crate::database::Store;
use crate::keys::Clients;

pub(crate) use admit::{Admission, Claims, Demand, Denial};

/// What deciding works with.
#[derive(Debug)]
pub(crate) struct Admissions {
    pub(crate) store: Store,
    /// Signs identities inside the mesh.
    pub(crate) issuer: Issuer,
    /// Who may call what.
    pub(crate) policy: Policy,
    /// Services that work on their own behalf.
    pub(crate) clients: Clients,
    pub(crate) clock: Clock,
}
