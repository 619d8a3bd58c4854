//! The port for operators: metrics, health and readiness over plain HTTP.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{MethodRouter, get};
use prometheus_client::registry::Registry;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A check that takes longer than this has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

type Outcome = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Check = Arc<dyn Fn() -> Outcome + Send + Sync>;

/// What a service needs in order to work. All of it works: ready.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<String, Check>>>);

/// `/metrics`, `/healthz` and `/readyz` of one service.
pub struct Ops {
    router: Router,
}

struct Served {
    registry: Registry,
    readiness: Readiness,
}

// === impl Readiness ===

impl Readiness {
    /// Adds a named check; `Err` says why the service cannot work now.
    pub fn check<F, R>(&self, name: &str, check: F)
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), check);
    }

    /// Runs every check: its name, and `Err` with the reason if it failed.
    pub async fn report(&self) -> BTreeMap<String, Result<(), String>> {
        let checks = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut report = BTreeMap::new();
        for (name, check) in checks {
            let outcome = tokio::time::timeout(CHECK_TIMEOUT, check())
                .await
                .unwrap_or_else(|_elapsed| Err(format!("no answer within {CHECK_TIMEOUT:?}")));
            report.insert(name, outcome);
        }
        report
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readiness")
    }
}

// === impl Ops ===

impl Ops {
    /// The three paths over this registry and these checks.
    pub fn new(registry: Registry, readiness: Readiness) -> Self {
        let served = Arc::new(Served {
            registry,
            readiness,
        });
        let router = Router::new()
            .route("/metrics", get(metrics))
            .route(
                "/healthz",
                get(|| async { Json(json!({ "status": "healthy" })) }),
            )
            .route("/readyz", get(readyz))
            .with_state(served);
        Self { router }
    }

    /// Adds a path of the service's own.
    #[must_use]
    pub fn route(mut self, path: &str, method: MethodRouter) -> Self {
        self.router = self.router.route(path, method);
        self
    }

    /// Serves until `shutdown` is cancelled.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> std::io::Result<()> {
        axum::serve(listener, self.router)
            .with_graceful_shutdown(shutdown.cancelled_owned())
            .await
    }
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
