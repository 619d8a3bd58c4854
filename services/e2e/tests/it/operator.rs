//! What an operator sees: health, metrics, documents, and clear words when
//! something is not as it should be.

use std::net::TcpListener;
use std::process::Command;

use reqwest::StatusCode;

use crate::harness::{Column, System, User, programs};
use crate::ports::Ports;

#[tokio::test]
async fn health_metrics_keys_and_documents_are_where_they_should_be() {
    let Some(system) = System::start(Column::Embedded).await else {
        return;
    };
    let nobody = User::nobody(system.url());

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
            let response = reqwest::get(system.ops(service, path)).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{service} {path}");
        }
    }
    let metrics = reqwest::get(system.ops(1, "/metrics"))
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

#[test]
fn a_port_in_use_gets_one_clear_line() {
    let Some((binary, envoy)) = programs() else {
        return;
    };
    let ports = Ports::take();
    let base = ports.base;
    let _taken = TcpListener::bind(("127.0.0.1", base + 12)).unwrap();
    let folder = tempfile::tempdir().unwrap();

    let output = Command::new(binary)
        .args(["up", "--port-base", &base.to_string(), "--envoy"])
        .arg(envoy)
        .arg("--data")
        .arg(folder.path())
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(
        said.contains(&(base + 12).to_string()) && said.contains("--port-base"),
        "{said}"
    );
}

#[test]
fn a_data_folder_that_cannot_be_written_gets_one_clear_line() {
    let Some((binary, envoy)) = programs() else {
        return;
    };
    let ports = Ports::take();
    let file = tempfile::NamedTempFile::new().unwrap();

    let output = Command::new(binary)
        .args(["up", "--port-base", &ports.base.to_string(), "--envoy"])
        .arg(envoy)
        .arg("--data")
        .arg(file.path().join("data"))
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(said.contains("not writable"), "{said}");
}
