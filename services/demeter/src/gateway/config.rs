//! Renders Envoy's configuration: the committed files, with the ports,
//! addresses and paths of this run.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::options::Tls;
use super::{GatewayConfig, Options, Upstreams};

pub(super) const ENVOY: &str = include_str!("../../../gateway/envoy.yaml");
const CLUSTERS: &str = include_str!("../../../gateway/clusters.local.yaml");
/// What answers HTTP.
const CONNECTIONS: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config";
const CORS_ORIGINS: &str = "/route_config/virtual_hosts/0/typed_per_filter_config\
     /envoy.filters.http.cors/allow_origin_string_match";
/// A year, as RFC 6797 has it.
const STRICT_TRANSPORT: &str = "max-age=31536000";
/// Where the committed file expects its other files.
const FILES: &str = "/etc/demeter/";

/// The configuration as JSON, which Envoy reads as well as YAML.
pub(super) fn render(config: &GatewayConfig, run_dir: &Path) -> anyhow::Result<String> {
    let mut envoy: Value = yaml_serde::from_str(ENVOY).context("envoy.yaml is not YAML")?;
    let mut clusters: Value =
        yaml_serde::from_str(CLUSTERS).context("clusters.local.yaml is not YAML")?;
    move_files(&mut clusters, run_dir)?;
    settle(&mut envoy, &config.options)?;
    move_files(&mut envoy, run_dir)?;
    *at(&mut envoy, "/admin/address/socket_address")? = socket(config.admin);
    let listener = at(&mut envoy, "/static_resources/listeners/0")?;
    *at(listener, "/address/socket_address")? = socket(config.listen);
    // Otherwise a second gateway on the same port shares it in silence.
    listener["enable_reuse_port"] = json!(false);
    envoy["static_resources"]["clusters"] = move_clusters(clusters, config.upstreams)?;
    if config.mesh.is_none() {
        unsecure(&mut envoy["static_resources"]["clusters"]);
    }
    Ok(serde_json::to_string_pretty(&envoy)?)
}

/// Where the services are, for an Envoy elsewhere.
pub(super) fn settled_clusters(file: &str, options: &Options) -> anyhow::Result<String> {
    if options.secured {
        return Ok(file.to_owned());
    }
    let mut file: Value = yaml_serde::from_str(file).context("the clusters are not YAML")?;
    unsecure(&mut file["static_resources"]["clusters"]);
    Ok(yaml_serde::to_string(&file)?)
}

/// Services that speak in the clear are spoken to in the clear.
fn unsecure(clusters: &mut Value) {
    for cluster in clusters.as_array_mut().into_iter().flatten() {
        if let Some(cluster) = cluster.as_object_mut() {
            cluster.remove("transport_socket");
        }
    }
}

/// The committed file with an operator's settings, for an Envoy elsewhere.
pub(super) fn settled(options: &Options) -> anyhow::Result<String> {
    let mut envoy: Value = yaml_serde::from_str(ENVOY).context("envoy.yaml is not YAML")?;
    settle(&mut envoy, options)?;
    Ok(yaml_serde::to_string(&envoy)?)
}

/// Says whose tokens count, which web apps may call, how much memory there is, and
/// whether callers speak TLS.
fn settle(envoy: &mut Value, options: &Options) -> anyhow::Result<()> {
    let heap = "/overload_manager/resource_monitors/0/typed_config/max_heap_size_bytes";
    *at(envoy, heap)? = json!(options.heap());
    let connections =
        "/overload_manager/resource_monitors/1/typed_config/max_active_downstream_connections";
    *at(envoy, connections)? = json!(options.connections());
    if let Some(tls) = &options.tls {
        speak_tls(envoy, tls)?;
    }
    let connections = at(envoy, CONNECTIONS)?;
    let origins = at(connections, CORS_ORIGINS)?;
    let origins = origins
        .as_array_mut()
        .context("the CORS origins are not a list")?;
    origins.extend(
        options
            .cors_origins
            .iter()
            .map(|origin| json!({"exact": origin})),
    );
    let tokens = filter(connections, "envoy.filters.http.jwt_authn")?;
    let provider = at(tokens, "/typed_config/providers/own")?;
    provider["issuer"] = json!(options.tokens.issuer);
    provider["audiences"] = json!([options.tokens.audience]);
    Ok(())
}

/// Takes nothing but TLS, and tells browsers to stay with it.
fn speak_tls(envoy: &mut Value, tls: &Tls) -> anyhow::Result<()> {
    let file = |path: &Path| json!({"filename": path});
    let chain = at(envoy, "/static_resources/listeners/0/filter_chains/0")?;
    chain["transport_socket"] = json!({
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificates": [{
                    "certificate_chain": file(&tls.certificate),
                    "private_key": file(&tls.key),
                }],
            },
        },
    });
    let headers = filter(at(envoy, CONNECTIONS)?, "answer_headers")?;
    let mutations = at(headers, "/typed_config/mutations/response_mutations")?;
    let mutations = mutations.as_array_mut();
    mutations
        .context("the headers of answers are not a list")?
        .push(json!({"append": {
            "header": {"key": "strict-transport-security", "value": STRICT_TRANSPORT},
            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
        }}));
    Ok(())
}

/// One of the filters that a request passes.
fn filter<'a>(connections: &'a mut Value, name: &str) -> anyhow::Result<&'a mut Value> {
    let filters = connections["http_filters"].as_array_mut();
    filters
        .into_iter()
        .flatten()
        .find(|filter| filter["name"] == name)
        .with_context(|| format!("the gateway's configuration has no filter {name}"))
}

fn move_clusters(mut file: Value, upstreams: Upstreams) -> anyhow::Result<Value> {
    let Upstreams {
        auth,
        stock,
        photo,
        inference,
        auth_ops,
    } = upstreams;
    let clusters = at(&mut file, "/static_resources/clusters")?;
    for cluster in clusters
        .as_array_mut()
        .context("the clusters are not a list")?
    {
        let address = match cluster["name"].as_str() {
            Some("auth") => auth,
            Some("stock") => stock,
            Some("photo") => photo,
            Some("inference") => inference,
            Some("auth_ops") => auth_ops,
            Some("unrouted") => continue,
            name => bail!("nothing says where the cluster {name:?} is"),
        };
        let endpoint =
            "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
        *at(cluster, endpoint)? = socket(address);
    }
    Ok(clusters.take())
}

/// Points every path under `/etc/demeter` to this run's folder.
fn move_files(value: &mut Value, run_dir: &Path) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            if let Some(file) = text.strip_prefix(FILES) {
                let path = run_dir.join(file);
                let path = path
                    .to_str()
                    .with_context(|| format!("{} is not UTF-8", path.display()))?;
                path.clone_into(text);
            }
        }
        Value::Array(values) => values
            .iter_mut()
            .try_for_each(|value| move_files(value, run_dir))?,
        Value::Object(values) => values
            .values_mut()
            .try_for_each(|value| move_files(value, run_dir))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn socket(address: SocketAddr) -> Value {
    json!({"address": address.ip().to_string(), "port_value": address.port()})
}

fn at<'a>(value: &'a mut Value, pointer: &str) -> anyhow::Result<&'a mut Value> {
    value
        .pointer_mut(pointer)
        .with_context(|| format!("the gateway's configuration has no {pointer}"))
}
