//! Letting a call from outside in, or not: the gateway asks before each one.

use std::collections::BTreeSet;

use chrono::Duration;
use demeter_identity::{Access, CallerKind, Grant, Right, attenuate};
use secrecy::SecretString;

use crate::admission::usecase::Admissions;
use crate::error::Error;
use crate::people::domain::User;
use crate::sessions::access_token::Claims;
use crate::sessions::domain::{Session, Standing};
use crate::sessions::store::sessions;

/// Calls whose body may take minutes to arrive: the identity is checked when
/// the upload begins. It lives longer than others and so is good for this call
/// alone.
const UPLOADS: [&str; 1] = ["/demeter.photo.v1.PhotoService/UploadPhotos"];

/// How long an identity works.
const LIFETIME: Duration = Duration::seconds(60);
const UPLOAD_LIFETIME: Duration = Duration::seconds(180);

/// A call at the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// For example `/demeter.stock.v1.BatchService/GetBatch`.
    pub(crate) rpc: String,
    /// The access token, as the caller sent it.
    pub(crate) token: Option<SecretString>,
    /// The gateway's id of the call.
    pub(crate) request_id: Option<String>,
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
    /// No access token, or none that we signed and that works now.
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
        let Some(claims) = self.claims(demand) else {
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

    /// The gateway has verified the token. It is verified again: whoever reaches
    /// this port could say that they are the gateway.
    fn claims(&self, demand: &Demand) -> Option<Claims> {
        let token = demand.token.as_ref()?;
        self.access_tokens
            .read(&self.verifier, token, self.clock.now())
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
        let grant = Grant {
            subject: user.id.to_string(),
            kind: CallerKind::User,
            rights: user.role.rights(),
            session: Some(session.handle.to_string()),
            request_id: demand.request_id.clone(),
            expires_at: self.clock.now() + LIFETIME,
        };
        let is_upload = UPLOADS.contains(&demand.rpc.as_str());
        let biscuit = if is_upload {
            self.issue_for_upload(&demand.rpc, grant)
        } else {
            self.issuer.issue(&grant)
        };
        biscuit.map(SecretString::from).map_err(Error::internal)
    }

    /// Neither another right than the call's, nor another call with that right.
    fn issue_for_upload(
        &self,
        rpc: &str,
        mut grant: Grant,
    ) -> Result<String, demeter_identity::Error> {
        grant.expires_at = self.clock.now() + UPLOAD_LIFETIME;
        grant.rights = match self.policy.access(rpc) {
            Some(Access::Permission(right)) => [*right].into(),
            _ => BTreeSet::new(),
        };
        let biscuit = self.issuer.issue(&grant)?;
        attenuate(&biscuit, rpc, grant.expires_at)
    }
}
