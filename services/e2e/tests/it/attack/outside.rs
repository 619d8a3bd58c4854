//! What someone without a token tries.

use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;

use super::{Length, Row};
use crate::harness::{System, User};

const MB: u64 = 1_000_000;

async fn call_invented(system: &System, numbers: std::ops::Range<usize>, bytes: usize) {
    let client = reqwest::Client::new();
    let name = "x".repeat(bytes);
    let calls = numbers.map(|number| {
        let service = "demeter.auth.v1.SessionService";
        let url = format!("{}/{service}/N{number}{name}", system.url());
        let request = client.post(url).header("content-type", "application/grpc");
        request.send()
    });
    let calls = stream::iter(calls).buffer_unordered(8);
    calls.for_each(|_answer| std::future::ready(())).await;
}

/// Every invented name was three statistics for ever.
pub(super) async fn invented_methods(system: &System, length: Length) -> Row {
    let row = Row::new(
        1,
        "invented method names, without a token",
        "8,700 of 28 kB: Envoy at 1,015 MB, then 503 for all, for ever",
    );
    call_invented(system, 0..length.invented / 10, length.name_bytes).await;
    let before = system.gateway_memory().await;
    call_invented(
        system,
        length.invented..length.invented * 2,
        length.name_bytes,
    )
    .await;
    let after = system.gateway_memory().await;
    let well = User::nobody(&system.url())
        .get("/health")
        .await
        .0
        .is_success();
    let grown = after.saturating_sub(before) / MB;
    let now = format!(
        "{} names: Envoy grew by {grown} MB, healthy: {well}",
        length.invented
    );
    row.now(now, well && grown < 16)
}

pub(super) async fn secrets_in_the_query(system: &System) -> Row {
    let row = Row::new(
        11,
        "sign-in with the password in the query",
        "worked, and the password stood in every log on its way",
    );
    let nobody = User::nobody(&system.url());
    let (status, body) = nobody
        .post(
            "/api/v1/auth/login?email=a@b.cl&password=correct-horse",
            &json!({}),
        )
        .await;
    let told = body.to_string().contains("correct-horse");
    row.now(
        format!("{} {}", status.as_u16(), body["message"]),
        status == 400 && !told,
    )
}

/// An address of this machine that others see, if it has one. Nothing is sent:
/// connecting a UDP socket only asks for the way.
fn outer_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

pub(super) fn plain_http_from_elsewhere(system: &System) -> Row {
    let row = Row::new(
        12,
        "plain HTTP from another machine",
        "answered: it listened on all interfaces",
    );
    let Some(ip) = outer_address() else {
        return row.now("this machine has no other address".to_owned(), true);
    };
    let address = SocketAddr::new(ip, system.gateway_port());
    let answers = TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok();
    let now = if answers {
        "answered"
    } else {
        "no connection: loopback only"
    };
    row.now(now.to_owned(), !answers)
}

/// By another user of the same machine.
pub(super) fn open_folder(system: &System) -> Row {
    let row = Row::new(
        3,
        "reading the data folder as another user",
        "0755, and auth.db 0644",
    );
    let modes = ["", "secrets", "secrets/jwt.pem", "auth.db"].map(|name| {
        let path = system.data().join(name);
        path.metadata().unwrap().permissions().mode() & 0o777
    });
    let told: Vec<_> = modes.iter().map(|mode| format!("{mode:04o}")).collect();
    row.now(told.join(", "), modes == [0o700, 0o700, 0o600, 0o600])
}

pub(super) async fn headers(system: &System) -> Row {
    let row = Row::new(
        12,
        "framing, sniffing, caching of answers",
        "cache-control, referrer-policy and frame-ancestors were missing",
    );
    let nobody = User::nobody(&system.url());
    let wanted = [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    let mut missing = Vec::new();
    for path in ["/api/v1/stock/batches", "/health", "/api/v1/nothing"] {
        let answer = nobody.raw(path).await;
        let lacks = wanted.iter().filter(|(name, value)| {
            answer
                .headers()
                .get(*name)
                .is_none_or(|found| found != value)
        });
        missing.extend(lacks.map(|(name, _)| format!("{name} on {path}")));
        if answer.headers().contains_key("set-cookie") {
            missing.push(format!("a cookie on {path}"));
        }
    }
    let now = if missing.is_empty() {
        "all there, no cookies".to_owned()
    } else {
        missing.join(", ")
    };
    row.now(now, missing.is_empty())
}

pub(super) async fn silent_connections(system: &System, length: Length) -> Row {
    let row = Row::new(
        16,
        "connections that say nothing",
        "stayed 15 minutes, 10,000 of them",
    );
    let mut open = Vec::new();
    for _ in 0..length.idle {
        open.extend(tokio::net::TcpStream::connect(("127.0.0.1", system.gateway_port())).await);
    }
    let (opened, began) = (open.len(), Instant::now());
    let ends = open.into_iter().map(|mut stream| async move {
        let mut byte = [0];
        let end = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut byte)).await;
        end.is_ok()
    });
    let closed = futures::future::join_all(ends)
        .await
        .into_iter()
        .filter(|closed| *closed)
        .count();
    let seconds = began.elapsed().as_secs();
    row.now(
        format!("{closed} of {opened} were closed, the last after {seconds} s"),
        closed == opened,
    )
}
