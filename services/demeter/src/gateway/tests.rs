//! The gateway's files against the proto files, and the real Envoy with no
//! service behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use demeter_config::Env;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::config::ENVOY;
use super::{Gateway, GatewayConfig, Upstreams, find_envoy, write_assets};
use crate::openapi::{Access, Contract, Rpc};

fn manager() -> Value {
    let envoy: Value = yaml_serde::from_str(ENVOY).unwrap();
    envoy["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        .clone()
}

fn filter(name: &str) -> Value {
    let filters = manager()["http_filters"].as_array().unwrap().clone();
    filters
        .into_iter()
        .find(|filter| filter["name"] == name)
        .unwrap()["typed_config"]
        .clone()
}

fn routes() -> Vec<Value> {
    manager()["route_config"]["virtual_hosts"][0]["routes"]
        .as_array()
        .unwrap()
        .clone()
}

/// The route that Envoy picks: the first that matches.
fn route_of(path: &str) -> Option<Value> {
    routes().into_iter().find(|route| {
        let exact = route["match"]["path"]
            .as_str()
            .is_some_and(|exact| exact == path);
        exact
            || route["match"]["prefix"]
                .as_str()
                .is_some_and(|prefix| path.starts_with(prefix))
    })
}

fn authz_disabled(route: &Value) -> bool {
    route["typed_per_filter_config"]["envoy.filters.http.ext_authz"]["disabled"] == json!(true)
}

fn service_of(rpc: &Rpc) -> String {
    rpc.method.parent_service().full_name().to_owned()
}

/// Services that people may call: those with an HTTP mapping.
fn outside(contract: &Contract) -> BTreeSet<String> {
    contract
        .rpcs()
        .iter()
        .filter(|rpc| !rpc.bindings.is_empty())
        .map(service_of)
        .collect()
}

#[test]
fn the_transcoder_knows_exactly_the_services_with_http_mappings() {
    let listed: BTreeSet<String> = filter("envoy.filters.http.grpc_json_transcoder")["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(listed, outside(&Contract::load()));
}

#[test]
fn exactly_the_public_rpcs_need_no_token() {
    let contract = Contract::load();
    let outside = outside(&contract);
    let public: BTreeSet<String> = contract
        .rpcs()
        .iter()
        .filter(|rpc| rpc.access == Some(Access::Public) && outside.contains(&service_of(rpc)))
        .map(Rpc::path)
        .collect();
    let rules = filter("envoy.filters.http.jwt_authn")["rules"]
        .as_array()
        .unwrap()
        .clone();
    let open: BTreeSet<String> = rules
        .iter()
        .filter(|rule| rule.get("requirement_name").is_none())
        .map(|rule| rule["match"]["path"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(open, public);
    assert_eq!(
        rules.last().unwrap(),
        &json!({"match": {"prefix": "/"}, "requirement_name": "user"})
    );
    for rpc in contract
        .rpcs()
        .iter()
        .filter(|rpc| outside.contains(&service_of(rpc)) && !rpc.is_internal())
    {
        let route = route_of(&rpc.path()).unwrap();
        assert_eq!(
            authz_disabled(&route),
            public.contains(&rpc.path()),
            "ext_authz of {}",
            rpc.path()
        );
    }
}

#[test]
fn every_outside_rpc_is_routed_to_its_service() {
    let contract = Contract::load();
    let outside = outside(&contract);
    for rpc in contract
        .rpcs()
        .iter()
        .filter(|rpc| outside.contains(&service_of(rpc)) && !rpc.is_internal())
    {
        let owner = rpc.path().split('.').nth(1).unwrap().to_owned();
        let route = route_of(&rpc.path()).unwrap();
        assert_eq!(route["route"]["cluster"], json!(owner), "{}", rpc.path());
        assert_eq!(
            route["route"]["timeout"],
            json!("0s"),
            "the deadline of {}",
            rpc.path()
        );
        assert!(
            route["route"]["max_stream_duration"]
                .get("grpc_timeout_header_max")
                .is_some(),
            "{}",
            rpc.path()
        );
    }
}

#[test]
fn rpcs_for_services_only_have_no_way_in() {
    let contract = Contract::load();
    let outside = outside(&contract);
    for rpc in contract.rpcs() {
        let route = route_of(&rpc.path());
        if !outside.contains(&service_of(rpc)) {
            assert!(route.is_none(), "{} has a route", rpc.path());
        } else if rpc.is_internal() {
            assert_eq!(
                route.unwrap()["direct_response"]["status"],
                json!(404),
                "{}",
                rpc.path()
            );
        }
    }
}

#[test]
fn every_json_path_passes_cors_and_the_right_body_limit() {
    for rpc in Contract::load().rpcs() {
        for binding in &rpc.bindings {
            let before = route_of(&binding.path).unwrap();
            let after = route_of(&rpc.path()).unwrap();
            assert_eq!(
                before["route"]["cluster"],
                json!("unrouted"),
                "{}",
                binding.path
            );
            let limit =
                |route: &Value| route["typed_per_filter_config"]["body_limit_default"].clone();
            assert_eq!(limit(&before), limit(&after), "{}", binding.path);
            assert_eq!(
                limit(&after)["disabled"] == json!(true),
                rpc.method.is_client_streaming(),
                "{}",
                rpc.path()
            );
        }
    }
}

#[test]
fn identity_headers_of_clients_are_removed_before_anything_else() {
    let mutations =
        manager()["early_header_mutation_extensions"][0]["typed_config"]["mutations"].clone();
    let prefix = json!({"remove_on_match": {"key_matcher": {"prefix": "x-demeter-"}}});
    assert!(mutations.as_array().unwrap().contains(&prefix));
}

/// The real Envoy, or a line that says what is skipped.
fn envoy() -> Option<PathBuf> {
    match find_envoy(&Env::from_process()) {
        Ok(path) => Some(path),
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a skipped test says so")]
            {
                eprintln!("skipped: {error}");
            }
            None
        }
    }
}

/// From the right issuer for the right audience, but signed by nobody.
const TOKEN: &str = "Bearer eyJhbGciOiJFZERTQSIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2F1dGguZGVtZXRlci5sb2NhbCIsImF1ZCI6ImRlbWV0ZXItYXBpIiwic3ViIjoidSIsImV4cCI6NDEwMjQ0NDgwMH0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A gateway on free ports whose services are all down.
fn lonely(envoy: &Path, run_dir: &Path) -> GatewayConfig {
    // Port 1 of loopback has no listener.
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    GatewayConfig {
        envoy: envoy.to_owned(),
        run_dir: run_dir.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        admin: SocketAddr::from(([127, 0, 0, 1], 0)),
        upstreams: Upstreams {
            auth: nobody,
            stock: nobody,
            photo: nobody,
            inference: nobody,
            auth_ops: nobody,
        },
        cors_origins: vec!["https://app.example".to_owned()],
        log_level: "warning".to_owned(),
    }
}

async fn call(
    gateway: &Gateway,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> reqwest::Response {
    let url = format!("http://{}{path}", gateway.address());
    let mut request = Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn json_of(response: reqwest::Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// What a gateway answers when its services are down.
struct Refusal {
    method: Method,
    path: &'static str,
    token: &'static str,
    status: u16,
    code: i32,
    reason: &'static str,
}

fn refusals() -> [Refusal; 7] {
    let refusal = |method, path, token, status, code, reason| Refusal {
        method,
        path,
        token,
        status,
        code,
        reason,
    };
    let internal = "/demeter.stock.v1.MovementService/PostPhotoCount";
    [
        refusal(
            Method::GET,
            "/api/v1/stock/batches",
            "",
            401,
            16,
            "BAD_TOKEN",
        ),
        refusal(
            Method::GET,
            "/api/v1/stock/batches",
            TOKEN,
            503,
            14,
            "SIGNING_KEYS_UNAVAILABLE",
        ),
        refusal(
            Method::POST,
            "/api/v1/auth/login",
            "",
            503,
            14,
            "SERVICE_UNAVAILABLE",
        ),
        refusal(
            Method::GET,
            "/api/v1/nothing",
            TOKEN,
            404,
            5,
            "NO_SUCH_ENDPOINT",
        ),
        refusal(Method::GET, "/nothing", "", 404, 5, "NO_SUCH_ENDPOINT"),
        refusal(
            Method::GET,
            "/api/v1/stock/batches?bogus=1",
            TOKEN,
            400,
            3,
            "MALFORMED_REQUEST",
        ),
        refusal(Method::POST, internal, TOKEN, 404, 5, "NO_SUCH_ENDPOINT"),
    ]
}

#[tokio::test]
async fn a_gateway_without_services_says_so_in_one_shape() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(lonely(&envoy, folder.path())).await.unwrap();
    for Refusal {
        method,
        path,
        token,
        status,
        code,
        reason,
    } in refusals()
    {
        let headers = [
            ("x-request-id", "my-id"),
            ("content-length", "0"),
            ("authorization", token),
        ];
        let response = call(&gateway, method, path, &headers).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(response.headers()["x-request-id"], "my-id", "{path}");
        let body = json_of(response).await;
        assert_eq!(body["code"], json!(code), "{path}: {body}");
        assert_eq!(
            body["details"][0]["reason"],
            json!(reason),
            "{path}: {body}"
        );
    }
    let health = call(&gateway, Method::GET, "/health", &[]).await;
    assert_eq!(health.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        json_of(health).await,
        json!({"service": "demeter", "status": "unhealthy"})
    );
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn documents_are_served_without_a_token() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(lonely(&envoy, folder.path())).await.unwrap();
    let types = BTreeMap::from([
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
        (
            "/docs/swagger-ui-bundle.js",
            "text/javascript; charset=utf-8",
        ),
        (
            "/docs/swagger-initializer.js",
            "text/javascript; charset=utf-8",
        ),
    ]);
    for (path, content_type) in types {
        let response = call(&gateway, Method::GET, path, &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["content-type"], content_type, "{path}");
    }
    let document = json_of(call(&gateway, Method::GET, "/openapi.json", &[]).await).await;
    assert_eq!(document, crate::openapi::document());
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn web_apps_of_allowed_origins_pass_the_preflight() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(lonely(&envoy, folder.path())).await.unwrap();
    let origins = [
        ("http://localhost:5173", true),
        ("https://app.example", true),
        ("https://evil.example", false),
    ];
    for (origin, allowed) in origins {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ];
        let response = call(
            &gateway,
            Method::OPTIONS,
            "/api/v1/stock/movements",
            &headers,
        )
        .await;
        let answer = response
            .headers()
            .get("access-control-allow-origin")
            .map(|value| value.to_str().unwrap());
        assert_eq!(answer, allowed.then_some(origin), "{origin}");
    }
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_was_left_behind_is_replaced() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut config = lonely(&envoy, folder.path());
    let left_behind = Gateway::start(config.clone()).await.unwrap();
    config.listen = left_behind.address();
    let gateway = Gateway::start(config).await.unwrap();
    assert_eq!(gateway.address(), left_behind.address());
    gateway.stop().await.unwrap();
    drop(left_behind);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let Some(envoy) = envoy() else { return };
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Gateway::start(lonely(&envoy, folder.path())).await.unwrap();
    let mut config = lonely(&envoy, other.path());
    config.listen = first.address();
    let error = Gateway::start(config).await.unwrap_err().to_string();
    assert!(error.contains("in use"), "{error}");
    first.stop().await.unwrap();
}

#[tokio::test]
async fn envoy_accepts_the_files_of_every_environment() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    write_assets(folder.path()).unwrap();
    let here = format!("{}/", folder.path().display());
    let config = folder.path().join("envoy.yaml");
    std::fs::write(&config, ENVOY.replace("/etc/demeter/", &here)).unwrap();
    for name in ["local", "compose", "k8s"] {
        let clusters = repository().join(format!("services/gateway/clusters.{name}.yaml"));
        let output = tokio::process::Command::new(&envoy)
            .args(["--mode", "validate", "--disable-hot-restart", "-c"])
            .arg(&config)
            .arg("--config-yaml")
            .arg(std::fs::read_to_string(clusters).unwrap())
            .output()
            .await
            .unwrap();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
