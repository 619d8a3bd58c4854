//! What an operator sees: health, metrics, documents, and clear words when
//! something is not as it should be.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use reqwest::StatusCode;

use crate::harness::{System, User, on, programs};
use crate::ports::Ports;

on!(health_metrics_keys_and_documents_are_where_they_should_be: on_defaults, four_processes);
async fn health_metrics_keys_and_documents_are_where_they_should_be(system: &System) {
    let nobody = User::nobody(&system.url());

    for path in [
        "/health",
        "/docs/",
        "/openapi.json",
        "/.well-known/jwks.json",
    ] {
        assert_eq!(nobody.get(path).await.0, StatusCode::OK, "{path}");
    }
    let keys = nobody.read("/.well-known/jwks.json").await;
    assert_eq!(keys["keys"][0]["crv"], "Ed25519", "{keys}");
    let document = nobody.read("/openapi.json").await;
    assert!(document["paths"]["/api/v1/photos/upload"]["post"].is_object());
    for service in 0..4 {
        for path in ["/healthz", "/readyz", "/metrics"] {
            let response = reqwest::get(&system.ops(service, path)[0]).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{service} {path}");
        }
    }
    let metrics = reqwest::get(&system.ops(1, "/metrics")[0])
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        metrics.contains("demeter_rpc_server_duration_seconds_count{"),
        "{metrics}"
    );
}

/// The one line that a start on this folder and these ports ends with; `None`, with
/// a line, when a program is missing.
fn refusal(data: &Path, ports: &Ports) -> Option<String> {
    let (binary, envoy) = programs()?;
    let output = Command::new(binary)
        .args(["up", "--port-base", &ports.base.to_string(), "--envoy"])
        .arg(envoy)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    Some(said)
}

#[test]
fn a_port_in_use_gets_one_clear_line() {
    let ports = Ports::take();
    let taken = ports.base + 12;
    let _taken = TcpListener::bind(("127.0.0.1", taken)).unwrap();
    let folder = tempfile::tempdir().unwrap();

    let Some(said) = refusal(&folder.path().join("data"), &ports) else {
        return;
    };

    assert!(
        said.contains(&taken.to_string()) && said.contains("--port-base"),
        "{said}"
    );
}

#[test]
fn a_data_folder_that_others_may_read_gets_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();

    let Some(said) = refusal(folder.path(), &Ports::take()) else {
        return;
    };

    let remedy = format!("chmod -R go= {}", folder.path().display());
    assert!(said.contains(&remedy), "{said}");
}

#[test]
fn a_data_folder_that_cannot_be_written_gets_one_clear_line() {
    let file = tempfile::NamedTempFile::new().unwrap();

    let Some(said) = refusal(&file.path().join("data"), &Ports::take()) else {
        return;
    };

    assert!(said.contains("not writable"), "{said}");
}
