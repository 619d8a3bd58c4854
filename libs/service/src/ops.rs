//! The port for operators: metrics, health and readiness over plain HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use prometheus_client::registry::Registry;
use serde_json::json;

use crate::Readiness;

struct Served {
    registry: Registry,
    readiness: Readiness,
}

/// `/metrics`, `/healthz` and `/readyz` over this registry and these checks.
pub(crate) fn router(registry: Registry, readiness: Readiness) -> Router {
    let served = Arc::new(Served {
        registry,
        readiness,
    });
    Router::new()
        .route("/metrics", get(metrics))
        .route(
            "/healthz",
            get(|| async { Json(json!({ "status": "healthy" })) }),
        )
        .route("/readyz", get(readyz))
        .with_state(served)
}

async fn metrics(State(served): State<Arc<Served>>) -> Response {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &served.registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn readyz(State(served): State<Arc<Served>>) -> Response {
    let report = served.readiness.report().await;
    let ready = report.values().all(Result::is_ok);
    let checks: BTreeMap<_, _> = report
        .into_iter()
        .map(|(name, outcome)| (name, outcome.err().unwrap_or_else(|| "ok".to_owned())))
        .collect();
    let (code, status) = if ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    (code, Json(json!({ "status": status, "checks": checks }))).into_response()
}
