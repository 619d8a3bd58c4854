//! Telemetry that is on, with a real OTLP receiver at the other end.

#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::path::Path;

use demeter_telemetry::{Config, InitError, init};
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// Hands on whatever it is sent.
struct Receiver(UnboundedSender<ExportTraceServiceRequest>);

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0
            .send(request.into_inner())
            .map_err(|_gone| Status::unavailable("the test is over"))?;
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// A receiver on a free port, until the set of tasks is dropped: its address and what
/// arrives.
async fn receiver(
    tasks: &mut JoinSet<Result<(), tonic::transport::Error>>,
) -> (String, UnboundedReceiver<ExportTraceServiceRequest>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, arrived) = unbounded_channel();
    let server = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(Receiver(sender)))
        .serve_with_incoming(TcpIncoming::from(listener));
    tasks.spawn(server);
    (endpoint, arrived)
}

fn config(endpoint: &str, log: &Path) -> Config {
    Config {
        service: "stock".to_owned(),
        environment: "test".to_owned(),
        log_filter: "info".to_owned(),
        log_file: Some(log.to_owned()),
        otlp_endpoint: Some(endpoint.to_owned()),
    }
}

/// What a caller sends along, as its `traceparent` header says it.
fn caller() -> opentelemetry::Context {
    let header = HashMap::from([("traceparent".to_owned(), format!("00-{TRACE}-{CALLER}-01"))]);
    opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&header))
}

fn attributes(resource: &Resource) -> BTreeMap<&str, &str> {
    resource
        .attributes
        .iter()
        .filter_map(|attribute| {
            let value = attribute.value.as_ref()?.value.as_ref()?;
            match value {
                Value::StringValue(text) => Some((attribute.key.as_str(), text.as_str())),
                _ => None,
            }
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// One test, because telemetry is turned on once in a process.
#[tokio::test(flavor = "multi_thread")]
async fn a_span_reaches_the_receiver_as_part_of_its_callers_trace() {
    let mut tasks = JoinSet::new();
    let (endpoint, mut arrived) = receiver(&mut tasks).await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stock.log");
    let telemetry = init(&config(&endpoint, &log)).unwrap();

    let span = tracing::info_span!("count", otel.kind = "server", plants = 12);
    span.set_parent(caller()).unwrap();
    span.in_scope(|| tracing::info!(bed = 7, "counted"));
    let own: SpanContext = span.context().span().span_context().clone();
    drop(span);
    assert!(matches!(
        init(&config(&endpoint, &log)),
        Err(InitError::Twice(_))
    ));
    telemetry.flush().await;

    let request = arrived.try_recv().unwrap();
    let [sent] = request.resource_spans.as_slice() else {
        panic!("not one resource: {request:?}");
    };
    let resource = attributes(sent.resource.as_ref().unwrap());
    assert_eq!(resource["service.name"], "stock");
    assert_eq!(resource["service.namespace"], "demeter");
    assert_eq!(resource["deployment.environment.name"], "test");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));

    let spans: Vec<&Span> = sent
        .scope_spans
        .iter()
        .flat_map(|scope| &scope.spans)
        .collect();
    let [span] = spans.as_slice() else {
        panic!("not one span: {spans:?}");
    };
    assert_eq!(span.name, "count");
    assert_eq!(hex(&span.trace_id), TRACE);
    assert_eq!(hex(&span.parent_span_id), CALLER);
    assert_eq!(hex(&span.span_id), own.span_id().to_string());
    assert_eq!(span.events.len(), 1, "{:?}", span.events);

    let line = std::fs::read_to_string(&log).unwrap();
    let line: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    assert_eq!(line["event"], "counted");
    assert_eq!(line["bed"], 7);
    assert_eq!(line["plants"], 12);
    assert_eq!(line["trace_id"], TRACE);
    assert_eq!(line["span_id"], own.span_id().to_string());
}

#[tokio::test]
async fn what_cannot_be_turned_on_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("x.log");

    let no_filter = Config {
        log_filter: "info,=,".to_owned(),
        ..config("http://127.0.0.1:1", &log)
    };
    assert!(matches!(init(&no_filter), Err(InitError::Filter(_))));
    let no_address = config("not an address", &log);
    assert!(matches!(init(&no_address), Err(InitError::Exporter(_))));
    let no_folder = config("http://127.0.0.1:1", &folder.path().join("no/such/x.log"));
    assert!(matches!(init(&no_folder), Err(InitError::LogFile(_))));
}
