//! The real Envoy with no service behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::options::Tls;
use super::super::{Gateway, GatewayConfig, Upstreams};
use super::{call, envoy, json_of, options};

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
        mesh: None,
        options: options("https://app.example"),
        log_level: "warning".to_owned(),
    }
}

/// One that runs, and the folder of its run; `None` without Envoy.
async fn alone() -> Option<(Gateway, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(lonely(&envoy()?, folder.path())).await;
    Some((gateway.unwrap(), folder))
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
            "INVALID_FIELD",
        ),
        refusal(Method::POST, internal, TOKEN, 404, 5, "NO_SUCH_ENDPOINT"),
    ]
}

#[tokio::test]
async fn a_gateway_without_services_says_so_in_one_shape() {
    let Some((gateway, _folder)) = alone().await else {
        return;
    };
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
    let Some((gateway, _folder)) = alone().await else {
        return;
    };
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
async fn whoever_types_the_address_is_led_to_the_documents() {
    let Some((gateway, _folder)) = alone().await else {
        return;
    };
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();

    let response = client
        .get(format!("http://{}/", gateway.address()))
        .send()
        .await
        .unwrap();

    assert_eq!(response.status(), StatusCode::FOUND);
    let led_to = response.headers()["location"].to_str().unwrap();
    assert_eq!(led_to, format!("http://{}/docs", gateway.address()));
    gateway.stop().await.unwrap();
}

/// The names of all statistics, and the bytes that Envoy has allocated.
async fn held(run_dir: &Path) -> (BTreeSet<String>, u64) {
    let address = std::fs::read_to_string(run_dir.join("envoy.admin")).unwrap();
    let read = async |path: &str| {
        let url = format!("http://{}{path}", address.trim());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(url).send().await.unwrap().text().await.unwrap()
    };
    let names = read("/stats")
        .await
        .lines()
        .filter_map(|line| Some(line.split_once(": ")?.0.to_owned()))
        .collect();
    let memory: serde_json::Value = serde_json::from_str(&read("/memory").await).unwrap();
    (
        names,
        memory["allocated"].as_str().unwrap().parse().unwrap(),
    )
}

/// Calls methods that nobody has, each with a name of its own of a kilobyte.
async fn call_invented(gateway: &Gateway, names: std::ops::Range<u32>) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let calls = names.map(|number| {
        let name = format!("Invented{number}{}", "x".repeat(1000));
        let path = format!("/demeter.auth.v1.SessionService/{name}");
        let call = client.post(format!("http://{}{path}", gateway.address()));
        let call = call.header("content-type", "application/grpc");
        async move { call.send().await.unwrap().bytes().await.unwrap() }
    });
    futures::stream::iter(calls)
        .buffer_unordered(16)
        .for_each(|_answer| std::future::ready(()))
        .await;
}

/// Without a token anybody can send names; each must leave nothing behind.
#[tokio::test]
async fn ten_thousand_invented_methods_add_no_statistic_and_no_memory() {
    let Some((gateway, folder)) = alone().await else {
        return;
    };
    // What a first call makes once: statistics of its kind, connections, buffers.
    call_invented(&gateway, 0..500).await;
    let (before, bytes_before) = held(folder.path()).await;

    call_invented(&gateway, 500..10_500).await;

    let (after, bytes_after) = held(folder.path()).await;
    // Envoy makes a few of its own when it first needs them.
    let new: Vec<&String> = after.difference(&before).collect();
    let invented = new.iter().filter(|name| name.contains("Invented")).count();
    assert_eq!(invented, 0, "of {} new statistics", new.len());
    assert!(new.len() < 100, "{} new statistics", new.len());
    let grown = bytes_after.saturating_sub(bytes_before);
    assert!(grown < 4 << 20, "{grown} bytes more");
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn web_apps_of_allowed_origins_pass_the_preflight() {
    let Some((gateway, _folder)) = alone().await else {
        return;
    };
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

/// Headers that every answer has, whoever makes it.
const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cache-control", "no-store"),
];

#[tokio::test]
async fn every_answer_forbids_framing_sniffing_referring_and_keeping() {
    let Some((gateway, _folder)) = alone().await else {
        return;
    };
    for path in [
        "/docs",
        "/health",
        "/nothing",
        "/openapi.json",
        "/api/v1/stock/batches",
        "/api/v1/nothing",
        "/api/v1/stock/batches?bogus=1",
    ] {
        let response = call(&gateway, Method::GET, path, &[]).await;
        let headers = response.headers();
        for (name, value) in ALWAYS {
            let found = headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(found, Some(value), "{path}: {name}");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(headers.get("set-cookie").is_none(), "{path}");
        assert!(headers.get("strict-transport-security").is_none(), "{path}");
    }
    gateway.stop().await.unwrap();
}

/// Of `demeter.example` until 2126, with a key that nobody else uses.
fn certificate() -> Tls {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gateway/tests/fixtures");
    Tls {
        certificate: here.join("tls.crt"),
        key: here.join("tls.key"),
    }
}

#[tokio::test]
async fn with_a_certificate_it_speaks_tls_and_nothing_else() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut config = lonely(&envoy, folder.path());
    let tls = certificate();
    let root = std::fs::read(&tls.certificate).unwrap();
    config.options.tls = Some(tls);
    let gateway = Gateway::start(config).await.unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(&root).unwrap()])
        .resolve("demeter.example", gateway.address())
        .build()
        .unwrap();
    let port = gateway.address().port();

    let secure = client.get(format!("https://demeter.example:{port}/docs"));
    let secure = secure.send().await.unwrap();
    let plain = client.get(format!("http://demeter.example:{port}/docs"));

    assert_eq!(secure.status(), StatusCode::OK);
    assert_eq!(
        secure.headers()["strict-transport-security"],
        "max-age=31536000"
    );
    assert!(plain.send().await.is_err(), "plain HTTP was answered");
    gateway.stop().await.unwrap();
}

/// When the gateway hangs up on someone who sends this and then waits, in seconds.
async fn hung_up_after(gateway: &Gateway, says: &[u8]) -> f64 {
    let mut stream = tokio::net::TcpStream::connect(gateway.address())
        .await
        .unwrap();
    let began = tokio::time::Instant::now();
    stream.write_all(says).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer);
    let end = tokio::time::timeout(Duration::from_secs(90), end).await;
    assert!(end.is_ok(), "still open: {}", String::from_utf8_lossy(says));
    began.elapsed().as_secs_f64()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the times are quoted")]
async fn who_connects_and_is_slow_or_silent_is_hung_up_on() {
    let Some((gateway, _folder)) = alone().await else {
        return;
    };

    let ends = tokio::join!(
        hung_up_after(&gateway, b""),
        hung_up_after(&gateway, b"GET /do"),
        hung_up_after(&gateway, b"GET /docs HTTP/1.1\r\nhost: a\r\nx-slow: "),
        hung_up_after(&gateway, b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n"),
    );

    let (silent, line, headers, idle) = ends;
    for (what, seconds, limit) in [
        ("silent", silent, 10.0),
        ("half a line", line, 10.0),
        ("half the headers", headers, 10.0),
        ("idle after an answer", idle, 60.0),
    ] {
        println!("{what}: hung up after {seconds:.1} s");
        let expected = limit - 2.0..limit + 15.0;
        assert!(expected.contains(&seconds), "{what}: {seconds} s");
    }
    gateway.stop().await.unwrap();
}

/// The status of the answer to a first line of so many bytes.
async fn answer_to_line(gateway: &Gateway, bytes: usize) -> String {
    let name = "x".repeat(bytes - "GET / HTTP/1.1".len());
    let request = format!("GET /{name} HTTP/1.1\r\nhost: a\r\n\r\n");
    let mut stream = tokio::net::TcpStream::connect(gateway.address())
        .await
        .unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; "HTTP/1.1 000".len()];
    let read = stream.read_exact(&mut answer);
    let read = tokio::time::timeout(Duration::from_secs(5), read).await;
    read.expect("an answer before anything times out").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_long_first_line_is_answered() {
    let Some((gateway, _folder)) = alone().await else {
        return;
    };

    for (kibibytes, answer) in [
        (15, "HTTP/1.1 404"),
        (17, "HTTP/1.1 404"),
        (31, "HTTP/1.1 404"),
        (40, "HTTP/1.1 431"),
    ] {
        let answered = answer_to_line(&gateway, kibibytes << 10).await;
        assert_eq!(answered, answer, "{kibibytes} KiB");
    }
    gateway.stop().await.unwrap();
}

/// As many connections as the memory is for, and the next is closed at once.
#[tokio::test]
async fn connections_end_where_the_memory_for_them_does() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut config = lonely(&envoy, folder.path());
    config.options.memory = 64 << 20;
    let most = usize::try_from(config.options.connections()).unwrap();
    let gateway = Gateway::start(config).await.unwrap();
    let mut open = Vec::new();
    for _ in 0..most + 20 {
        let mut stream = tokio::net::TcpStream::connect(gateway.address())
            .await
            .unwrap();
        // Not silent, so that no listener filter waits for it.
        stream.write_all(b"GET /docs HTTP/1.1\r\n").await.ok();
        open.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut closed = 0;
    for stream in &mut open {
        let read = tokio::time::timeout(Duration::from_millis(1), stream.read(&mut [0; 1])).await;
        closed += usize::from(!matches!(read, Err(_) | Ok(Ok(1..))));
    }

    assert!(
        (15..=25).contains(&closed),
        "{closed} of {} were closed",
        open.len()
    );
    gateway.stop().await.unwrap();
}
