//! The one HTTP route: the public keys, for the gateway.

use axum::Json;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::{MethodRouter, get};

use crate::keys::Jwks;

/// Serves the keys, which do not change while the process runs.
pub(crate) fn jwks(keys: Jwks) -> MethodRouter {
    get(move || {
        let answer = Json(keys.clone());
        async move { ([(header::CACHE_CONTROL, "public, max-age=300")], answer).into_response() }
    })
}
