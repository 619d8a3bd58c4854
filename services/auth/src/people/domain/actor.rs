//! The person who asks for something, as their identity inside the mesh says it.

use demeter_identity::Caller;
use uuid::Uuid;

use crate::people::domain::UserId;

/// What identities inside the mesh call a session. It is random: whoever reads one
/// in an identity learns nothing about the `sid` of the session's access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionHandle(pub Uuid);

/// A person, and the session that they act in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// Since when, and until when, is for the database to say.
    pub session: SessionHandle,
}

// === impl SessionHandle ===

impl SessionHandle {
    /// A new one.
    pub fn random() -> Self {
        Self(Uuid::from_u128(rand::random()))
    }
}

impl std::fmt::Display for SessionHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

// === impl Actor ===

impl Actor {
    /// None for a service: it has no session.
    pub fn of(caller: &Caller) -> Option<Self> {
        let session = Uuid::try_parse(caller.session.as_deref()?).ok()?;
        let user = Uuid::try_parse(&caller.subject).ok()?;
        Some(Self {
            user: UserId(user),
            session: SessionHandle(session),
        })
    }
}
