//! The caller, as the gate found it in a verified biscuit.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use tonic::{Request, Status};

use crate::Right;
use crate::refusal::Refusal;

/// Whether a person or a service calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// A person who signed in.
    User,
    /// A service that works on its own behalf.
    Service,
}

/// Who is calling and what they may do. Only a [`Guard`](crate::Guard) makes
/// one, so whoever holds it holds a verified identity.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user's id (UUID text) or the service's name.
    pub subject: String,
    /// A person or a service.
    pub kind: CallerKind,
    /// What they may do.
    pub rights: BTreeSet<Right>,
    /// The session of a person who signed in, by a name that only the auth service
    /// understands.
    pub session: Option<String>,
    /// The outside request that all this work is for.
    pub request_id: Option<String>,
    pub(crate) token: Arc<str>,
}

// === impl Caller ===

impl Caller {
    /// The caller of a request that came through the gate.
    ///
    /// UNAUTHENTICATED with reason IDENTITY_MISSING for a public RPC's request.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Refusal::Missing.into())
    }

    /// The biscuit, to be attenuated for the next hop. A secret: never log it.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether the caller holds this right.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            kind,
            rights,
            session,
            request_id,
            token: _,
        } = self;
        formatter
            .debug_struct("Caller")
            .field("subject", subject)
            .field("kind", kind)
            .field("rights", rights)
            .field("session", session)
            .field("request_id", request_id)
            .finish_non_exhaustive()
    }
}
