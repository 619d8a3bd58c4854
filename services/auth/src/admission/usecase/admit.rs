//! Letting a call from outside in, or not: the gateway asks before each one.

use chrono::Duration;
use demeter_identity::{Access, CallerKind, Grant, Right};
use secrecy::SecretString;
use uuid::Uuid;

use crate::admission::usecase::Admissions;
use crate::error::Error;
use crate::people::domain::{User, UserId};
use crate::sessions::domain::{Session, SessionId, Standing};
use crate::sessions::store::sessions;

/// Calls whose body may take minutes to arrive: the identity is checked when
/// the upload begins, and again when its photos are handed on.
const UPLOADS: [&str; 1] = ["/demeter.photo.v1.PhotoService/UploadPhotos"];

/// A call at the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// For example `/demeter.stock.v1.BatchService/GetBatch`.
    pub(crate) rpc: String,
    /// What the verified access token says; `None` without a usable one.
    pub(crate) claims: Option<Claims>,
    /// The gateway's id of the call.
    pub(crate) request_id: Option<String>,
}

/// The claims of an access token that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// `sub`.
    pub(crate) user: UserId,
    /// `sid`.
    pub(crate) session: SessionId,
}

/// What the gateway is told.
#[derive(Debug)]
pub(crate) enum Admission {
    /// Anyone may.
    Public,
    /// This is who they are.
    Known(SecretString),
    /// No.
    Denied(Denial),
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// No access token, or one that says nothing about a session of ours.
    NotSignedIn,
    /// The session was ended or has run out.
    SessionOver,
    /// The user is deactivated.
    UserDisabled,
    /// The user's role lacks this right.
    PermissionMissing(Right),
    /// For other services only.
    Internal,
    /// No such call, or the contract grants it to nobody.
    Unknown,
}

// === impl Admissions ===

impl Admissions {
    /// Decides with one query: the session and its user as they are now, not
    /// as they were when the token was signed.
    pub(crate) async fn admit(&self, demand: &Demand) -> Result<Admission, Error> {
        let right = match self.policy.access(&demand.rpc) {
            None => return Ok(Admission::Denied(Denial::Unknown)),
            Some(Access::Internal(_)) => return Ok(Admission::Denied(Denial::Internal)),
            Some(Access::Public) => return Ok(Admission::Public),
            Some(Access::Authenticated) => None,
            Some(Access::Permission(right)) => Some(right),
        };
        let Some(claims) = demand.claims else {
            return Ok(Admission::Denied(Denial::NotSignedIn));
        };
        let found = sessions::find(self.store.connection(), claims.session).await?;
        let (session, user) = match self.standing(claims, found) {
            Ok(found) => found,
            Err(denial) => return Ok(Admission::Denied(denial)),
        };
        match right {
            Some(right) if !user.role.rights().contains(right) => {
                Ok(Admission::Denied(Denial::PermissionMissing(*right)))
            }
            _ => self.identify(demand, &session, &user).map(Admission::Known),
        }
    }

    fn standing(
        &self,
        claims: Claims,
        found: Option<(Session, User)>,
    ) -> Result<(Session, User), Denial> {
        let (session, user) = found
            .filter(|(session, _)| session.user == claims.user)
            .ok_or(Denial::SessionOver)?;
        match session.standing(&user, self.clock.now()) {
            Standing::Good => Ok((session, user)),
            Standing::Over => Err(Denial::SessionOver),
            Standing::Disabled => Err(Denial::UserDisabled),
        }
    }

    fn identify(
        &self,
        demand: &Demand,
        session: &Session,
        user: &User,
    ) -> Result<SecretString, Error> {
        let is_upload = UPLOADS.contains(&demand.rpc.as_str());
        let lifetime = if is_upload {
            Duration::seconds(180)
        } else {
            Duration::seconds(60)
        };
        let grant = Grant {
            subject: user.id.to_string(),
            kind: CallerKind::User,
            rights: user.role.rights(),
            session: Some(session.id.to_string()),
            request_id: demand.request_id.clone(),
            expires_at: self.clock.now() + lifetime,
        };
        self.issuer
            .issue(&grant)
            .map(SecretString::from)
            .map_err(Error::internal)
    }
}

// === impl Claims ===

impl Claims {
    /// Reads the two claims; `None` unless both are ids.
    pub(crate) fn parse(sub: &str, sid: &str) -> Option<Self> {
        let user = Uuid::try_parse(sub).ok()?;
        let session = Uuid::try_parse(sid).ok()?;
        Some(Self {
            user: UserId(user),
            session: SessionId(session),
        })
    }
}
