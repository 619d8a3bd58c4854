//! Who is answered inside the mesh.

use std::process::Command;
use std::time::Duration;

use demeter_grpc::Mesh;
use envoy_types::pb::envoy::service::auth::v3::CheckRequest;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tonic::{Code, Status};

use crate::check::ask;
use crate::harness::{System, User, mesh_of, on, programs};

/// An empty question of the gateway, asked by whoever has these certificates.
async fn check(system: &System, mesh: &Mesh) -> Result<(), Status> {
    let answer = ask(system, mesh, CheckRequest::default()).await;
    answer.map(|_answer| ())
}

on!(only_the_gateway_is_told_who_someone_is: on_defaults, four_processes);
async fn only_the_gateway_is_told_who_someone_is(system: &System) {
    check(system, &system.member("gateway")).await.unwrap();

    for service in ["photo", "stock", "inference", "auth"] {
        let refused = check(system, &system.member(service)).await.unwrap_err();
        assert_eq!(
            refused.code(),
            Code::PermissionDenied,
            "{service}: {refused}"
        );
    }
    let refused = check(system, &Mesh::Clear).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
}

on!(certificates_of_another_authority_take_over_while_the_system_runs: on_defaults, four_processes);
async fn certificates_of_another_authority_take_over_while_the_system_runs(system: &System) {
    let admin = system.admin().await;
    let (_folder, old) = kept(system, "gateway");
    let shown = shown_by_gateway(system).await;
    check(system, &old).await.unwrap();

    std::fs::remove_file(system.certificates().join("ca.key")).unwrap();
    let (demeter, _envoy) = programs().unwrap();
    let made = Command::new(demeter)
        .args(["certificates", "--days", "2", "--out"])
        .arg(system.certificates())
        .output();
    assert!(made.unwrap().status.success());

    let deadline = Instant::now() + Duration::from_secs(20);
    while check(system, &old).await.is_ok() || shown_by_gateway(system).await == shown {
        assert!(
            Instant::now() < deadline,
            "the old certificates still count"
        );
        sleep(Duration::from_millis(500)).await;
    }
    check(system, &system.member("gateway")).await.unwrap();
    until_answered(&admin).await;
}

/// A member's certificates as they are now, whatever becomes of the files.
fn kept(system: &System, name: &str) -> (TempDir, Mesh) {
    let folder = tempfile::tempdir().unwrap();
    for file in ["tls.crt", "tls.key", "ca.crt"] {
        let from = system.certificates().join(name).join(file);
        std::fs::copy(from, folder.path().join(file)).unwrap();
    }
    let mesh = mesh_of(folder.path());
    (folder, mesh)
}

/// The gateway's connections may have met a service that was a second ahead.
async fn until_answered(user: &User) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !user.get("/api/v1/stock/batches").await.0.is_success() {
        assert!(
            Instant::now() < deadline,
            "calls do not get through any more"
        );
        sleep(Duration::from_millis(500)).await;
    }
}

/// The serial number of the certificate that Envoy shows to the services.
async fn shown_by_gateway(system: &System) -> String {
    let page = reqwest::get(system.gateway_admin("/certs")).await.unwrap();
    let page: Value = serde_json::from_str(&page.text().await.unwrap()).unwrap();
    let certificates = page["certificates"].as_array().unwrap();
    let serial = certificates
        .iter()
        .find_map(|one| one["cert_chain"][0]["serial_number"].as_str());
    serial.expect("a certificate of the gateway").to_owned()
}
