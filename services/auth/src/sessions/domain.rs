//! A sign-in and the refresh tokens that prolong it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::people::domain::{SessionHandle, User, UserId};

/// Identifies a session; the `sid` of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionId(pub Uuid);

/// SHA-256 of a refresh token, in hex. The token itself is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(pub String);

/// From signing in to signing out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Never changes.
    pub id: SessionId,
    /// Its name inside the mesh; never changes either.
    pub handle: SessionHandle,
    /// Who signed in.
    pub user: UserId,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When it ends unless it is refreshed.
    pub expires_at: DateTime<Utc>,
    /// When it was ended: by signing out, by a stolen token or by deactivation.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// One use of prolonging a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Its key.
    pub hash: TokenHash,
    /// The session that it prolongs.
    pub session: SessionId,
    /// After this it is worthless.
    pub expires_at: DateTime<Utc>,
    /// When it was used. Twice is a theft.
    pub used_at: Option<DateTime<Utc>>,
}

/// Whether a session still speaks for its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Good,
    /// It was ended or has run out.
    Over,
    /// Its user may not sign in any more.
    Disabled,
}

// === impl Session ===

impl Session {
    /// Whether the session still speaks for this user.
    pub fn standing(&self, user: &User, now: DateTime<Utc>) -> Standing {
        if !user.active {
            Standing::Disabled
        } else if user.id != self.user || self.revoked_at.is_some() || self.expires_at <= now {
            Standing::Over
        } else {
            Standing::Good
        }
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}
