//! What happens around every call, whatever the service.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use http::{HeaderMap, Request, Response};
use opentelemetry::propagation::Extractor;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span, debug, error, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

use crate::Gate;
use crate::metrics::RpcMetrics;
use crate::status::refusal;

/// Joins the log lines of one request across services.
pub const CORRELATION_HEADER: &str = "x-correlation-id";

const REQUEST_ID_HEADER: &str = "x-request-id";
/// Longer ids are cut, so that a caller cannot fill the logs.
const CORRELATION_MAX: usize = 128;
/// tonic's own timer answers CANCELLED, which tells the caller nothing; ours
/// fires this much earlier and answers DEADLINE_EXCEEDED.
const BEFORE_TONIC: Duration = Duration::from_millis(5);

tokio::task_local! {
    static CORRELATION: String;
}

/// The correlation id of the request that is being served, if any.
pub fn correlation_id() -> Option<String> {
    CORRELATION.try_with(Clone::clone).ok()
}

/// Wraps a server's services in [`Call`].
#[derive(Clone)]
pub(crate) struct CallLayer {
    pub(crate) gate: Gate,
    pub(crate) metrics: RpcMetrics,
}

/// Serves one call: lets it in or not, names it, times it, bounds it.
#[derive(Clone)]
pub(crate) struct Call<S> {
    inner: S,
    layer: CallLayer,
}

impl<S> Layer<S> for CallLayer {
    type Service = Call<S>;

    fn layer(&self, inner: S) -> Call<S> {
        Call {
            inner,
            layer: self.clone(),
        }
    }
}

impl<S> Service<Request<Body>> for Call<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The clone takes the place of the service that was polled ready.
        let ready = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, ready);
        let correlation = correlation(request.headers());
        let span = span(&request, &correlation);
        let served = serve(inner, self.layer.clone(), request).instrument(span);
        Box::pin(CORRELATION.scope(correlation, served))
    }
}

async fn serve<S>(
    mut inner: S,
    layer: CallLayer,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    let started = Instant::now();
    let path = request.uri().path().to_owned();
    let (mut parts, body) = request.into_parts();
    let response = match admit(&layer.gate, &mut parts) {
        Ok(()) => answer(&mut inner, Request::from_parts(parts, body)).await?,
        Err(status) => status.into_http(),
    };
    let code = code(&response);
    layer.metrics.observe(&path, code, started.elapsed());
    report(&path, code, started.elapsed());
    Ok(response)
}

/// The service's answer; a panic or a missed deadline becomes one too.
async fn answer<S>(inner: &mut S, request: Request<Body>) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    let deadline = deadline(request.headers());
    let answer = AssertUnwindSafe(inner.call(request)).catch_unwind();
    match within(deadline, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_panic)) => {
            error!("a handler panicked");
            Ok(refusal(Code::Internal, "demeter", "INTERNAL", "internal error").into_http())
        }
        Err(status) => Ok(status.into_http()),
    }
}

/// Health says nothing about the nursery, and probes have no identity.
fn admit(gate: &Gate, parts: &mut http::request::Parts) -> Result<(), Status> {
    if parts.uri.path().starts_with("/grpc.health.v1.Health/") {
        return Ok(());
    }
    gate(parts)
}

pub(crate) async fn within<F: Future>(
    deadline: Option<Duration>,
    answer: F,
) -> Result<F::Output, Status> {
    let Some(deadline) = deadline else {
        return Ok(answer.await);
    };
    tokio::time::timeout(deadline, answer)
        .await
        .map_err(|_elapsed| {
            refusal(
                Code::DeadlineExceeded,
                "demeter",
                "DEADLINE_EXCEEDED",
                "the call took longer than its deadline",
            )
        })
}

fn code(response: &Response<Body>) -> Code {
    // An error before the first message is in the headers; a success is in the
    // trailers, which come later.
    Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
}

fn report(path: &str, code: Code, duration: Duration) {
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let code = format!("{code:?}");
    Span::current().record("rpc.response.status_code", &code);
    if path.starts_with("/grpc.health.v1.Health/") {
        debug!(rpc.response.status_code = code, duration_ms, "served");
    } else {
        info!(rpc.response.status_code = code, duration_ms, "served");
    }
}

fn span(request: &Request<Body>, correlation: &str) -> Span {
    let method = request.uri().path().trim_start_matches('/');
    let span = info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        rpc.system.name = "grpc",
        rpc.method = method,
        rpc.response.status_code = tracing::field::Empty,
        correlation_id = correlation,
    );
    let parent = opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.extract(&Headers(request.headers()))
    });
    // Without a trace layer there is no parent to set.
    span.set_parent(parent).ok();
    span
}

fn correlation(headers: &HeaderMap) -> String {
    let sent = [CORRELATION_HEADER, REQUEST_ID_HEADER]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .filter(|id| !id.is_empty());
    match sent {
        Some(id) => id.chars().take(CORRELATION_MAX).collect(),
        #[expect(
            clippy::disallowed_methods,
            reason = "a correlation id is no record of ours; nothing depends on it"
        )]
        None => Uuid::now_v7().to_string(),
    }
}

/// `grpc-timeout`: up to eight digits and a unit.
pub(crate) fn deadline(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    let timeout = match unit {
        "H" => Duration::from_secs(amount.checked_mul(3600)?),
        "M" => Duration::from_secs(amount.checked_mul(60)?),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    };
    Some(timeout.checked_sub(BEFORE_TONIC).unwrap_or(timeout / 2))
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn a_deadline_ends_just_before_the_callers() {
        let deadline = deadline(&headers("grpc-timeout", "2S"));

        assert_eq!(deadline, Some(Duration::from_millis(1995)));
    }

    #[test]
    fn a_strange_deadline_is_none() {
        for strange in ["", "S", "999999999S", "12", "12x", "-1S", "é"] {
            assert_eq!(
                deadline(&headers("grpc-timeout", strange)),
                None,
                "{strange:?}"
            );
        }
    }

    #[test]
    fn a_correlation_id_is_taken_over_and_cut() {
        assert_eq!(correlation(&headers(REQUEST_ID_HEADER, "abc")), "abc");
        assert_eq!(
            correlation(&headers(CORRELATION_HEADER, &"x".repeat(500))).len(),
            CORRELATION_MAX
        );
    }
}
