//! Between the proto and sessions; names every field.

use demeter_identity::Caller;
use demeter_proto::auth::v1 as pb;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::error::{Error, Rejected};
use crate::people::domain::{User, UserId};
use crate::sessions::domain::SessionId;
use crate::sessions::usecase::Tokens;

/// The session and the user of a person who signed in.
pub(super) fn signed_in(caller: &Caller) -> Result<(UserId, SessionId), Error> {
    let session = caller
        .session
        .as_deref()
        .and_then(|id| Uuid::try_parse(id).ok());
    let user = Uuid::try_parse(&caller.subject).ok();
    match (user, session) {
        (Some(user), Some(session)) => Ok((UserId(user), SessionId(session))),
        _ => Err(Rejected::NotSignedIn.into()),
    }
}

/// A new session.
pub(super) fn logged_in(tokens: &Tokens, user: User) -> pb::LoginResponse {
    let pb::RefreshResponse {
        access_token,
        token_type,
        expires_in,
        refresh_token,
    } = refreshed(tokens);
    pb::LoginResponse {
        access_token,
        token_type,
        expires_in,
        refresh_token,
        user: Some(user.into()),
    }
}

/// New tokens.
pub(super) fn refreshed(tokens: &Tokens) -> pb::RefreshResponse {
    let Tokens { access, refresh } = tokens;
    pb::RefreshResponse {
        access_token: access.token.expose_secret().to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: access.expires_in,
        refresh_token: refresh.0.expose_secret().to_owned(),
    }
}
