//! Between the proto and sessions; names every field.

use demeter_proto::auth::v1 as pb;
use secrecy::ExposeSecret as _;

use crate::people::domain::User;
use crate::sessions::usecase::Tokens;

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
