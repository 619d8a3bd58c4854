//! What envoy.yaml says about RPCs is what the proto files say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use demeter_config::Env;
use serde_json::{Value, json};

use super::super::Options;
use super::super::config::{ENVOY, settled};
use super::super::{write_assets, write_files, write_mesh};
use super::{envoy, options};
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

/// Any name that is counted by itself is a statistic for ever, so callers must not
/// be able to make one up.
#[test]
fn exactly_the_rpcs_of_the_protos_have_statistics() {
    let filter = filter("envoy.filters.http.grpc_stats");
    assert!(filter.get("stats_for_all_methods").is_none());
    let services = filter["individual_method_stats_allowlist"]["services"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let counted: BTreeSet<String> = services
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|service| {
            let methods = service["method_names"].as_array().unwrap().clone();
            let name = text(&service["name"]);
            methods
                .into_iter()
                .map(move |method| format!("/{name}/{}", text(&method)))
        })
        .collect();

    let contract = Contract::load();
    let outside = outside(&contract);
    let named: BTreeSet<String> = contract
        .rpcs()
        .iter()
        .filter(|rpc| outside.contains(&service_of(rpc)))
        .map(Rpc::path)
        .collect();
    assert_eq!(
        counted, named,
        "services/gateway/envoy.yaml: individual_method_stats_allowlist"
    );
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

#[tokio::test]
async fn envoy_accepts_the_files_of_every_environment() {
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().unwrap();
    write_assets(folder.path()).unwrap();
    let (now, day) = (std::time::UNIX_EPOCH, std::time::Duration::from_hours(24));
    demeter_certificates::write(folder.path(), now, day).unwrap();
    write_mesh(folder.path(), &folder.path().join("gateway")).unwrap();
    let here = format!("{}/", folder.path().display());
    let config = folder.path().join("envoy.yaml");
    let settings = settled(&options("https://app.example")).unwrap();
    std::fs::write(&config, settings.replace("/etc/demeter/", &here)).unwrap();
    for name in ["local", "compose", "k8s"] {
        let clusters = repository().join(format!("services/gateway/clusters.{name}.yaml"));
        let output = tokio::process::Command::new(&envoy)
            .args(["--mode", "validate", "--disable-hot-restart", "-c"])
            .arg(&config)
            .arg("--config-yaml")
            .arg(
                std::fs::read_to_string(clusters)
                    .unwrap()
                    .replace("/etc/demeter/", &here),
            )
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

#[test]
fn what_the_operator_says_is_in_the_settings_of_an_envoy_elsewhere() {
    let env = Env::from_pairs([
        ("AUTH_JWT_ISSUER", "https://id.example"),
        ("AUTH_JWT_AUDIENCE", "nursery"),
        ("GATEWAY_CORS_ORIGINS", "https://app.example"),
        ("GATEWAY_MEMORY_BYTES", "536870912"),
    ]);

    let settings = settled(&Options::from_env(&env).unwrap()).unwrap();

    for part in [
        "issuer: https://id.example",
        "- nursery",
        "exact: https://app.example",
    ] {
        assert!(settings.contains(part), "{part}");
    }
    assert!(!settings.contains("auth.demeter.local"));
    assert!(
        settings.contains("max_heap_size_bytes: 429496"),
        "80 % of 512 MiB"
    );
}

/// The clusters that are written for Kubernetes when the environment says this.
fn clusters(mesh_tls: &str) -> Vec<Value> {
    let env = Env::from_pairs([("MESH_TLS", mesh_tls)]);
    let folder = tempfile::tempdir().unwrap();
    let options = Options::from_env(&env).unwrap();
    write_files(folder.path(), Path::new("/etc/mesh"), &options).unwrap();
    let file = std::fs::read_to_string(folder.path().join("clusters.k8s.yaml")).unwrap();
    let file: Value = yaml_serde::from_str(&file).unwrap();
    file["static_resources"]["clusters"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn the_gateway_asks_every_service_for_a_certificate_with_its_name() {
    let names = ["auth", "stock", "photo", "inference"];
    for cluster in clusters("on") {
        let name = cluster["name"].as_str().unwrap();
        let tls = &cluster["transport_socket"]["typed_config"]["common_tls_context"];
        let asked = &tls["combined_validation_context"]["default_validation_context"]["match_typed_subject_alt_names"];
        if names.contains(&name) {
            let exact = json!([{"san_type": "DNS", "matcher": {"exact": name}}]);
            assert_eq!(*asked, exact, "{name}");
        } else {
            assert!(
                ["auth_ops", "unrouted"].contains(&name),
                "{name} is in the clear"
            );
        }
    }
    for cluster in clusters("off") {
        assert!(cluster.get("transport_socket").is_none(), "{cluster}");
    }
}

#[test]
fn on_kubernetes_the_gateway_is_told_the_limit_of_its_container() {
    let path = repository().join("k8s/base/gateway/deployment.yaml");
    let deployment: Value = yaml_serde::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let pod = &deployment["spec"]["template"]["spec"];

    let memory = &pod["initContainers"][0]["env"][0];

    assert_eq!(memory["name"], "GATEWAY_MEMORY_BYTES");
    let limit = &memory["valueFrom"]["resourceFieldRef"];
    assert_eq!(limit["resource"], "limits.memory");
    assert_eq!(limit["containerName"], pod["containers"][0]["name"]);
    assert!(pod["containers"][0]["resources"]["limits"]["memory"].is_string());
}

/// Temporary files of uploads go to /tmp; a pod that outgrows it is ended.
#[test]
fn on_kubernetes_every_upload_that_is_taken_at_once_has_room() {
    let env = Env::from_pairs([
        ("IDENTITY_PUBLIC_KEY", "00"),
        ("PHOTO_CLIENT_SECRET", "x"),
        ("MESH_TLS", "off"),
    ]);
    let photo = demeter_photo::Config::from_env(&env).unwrap();
    let path = repository().join("k8s/base/photo/deployment.yaml");
    let deployment: Value = yaml_serde::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let pod = &deployment["spec"]["template"]["spec"];
    let gibibytes = |value: &Value| -> u64 {
        let text = value.as_str().unwrap().strip_suffix("Gi").unwrap();
        text.parse::<u64>().unwrap() << 30
    };

    // One file more than is taken is read, so that the answer can name it.
    let files = u64::try_from((photo.limits.max_files + 1) * photo.uploads.in_all).unwrap();
    let needed = files * photo.limits.max_file_bytes;

    let room = gibibytes(&pod["volumes"][0]["emptyDir"]["sizeLimit"]);
    let limit = &pod["containers"][0]["resources"]["limits"]["ephemeral-storage"];
    assert!(room >= needed, "{room} bytes for {needed}");
    assert!(gibibytes(limit) > room);
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
