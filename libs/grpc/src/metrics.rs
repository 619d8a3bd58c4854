//! How often each RPC is called, how it ends and how long it takes.

use std::collections::BTreeSet;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use prost::Message as _;
use tonic::Code;

/// Seconds; the seed list's buckets for API requests.
const BUCKETS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The RPC metrics of one server.
#[derive(Clone, Debug)]
pub(crate) struct RpcMetrics {
    duration: Family<Labels, Histogram, fn() -> Histogram>,
    /// Only these become label values: a caller must not be able to make series.
    known: BTreeSet<String>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    rpc_method: String,
    rpc_response_status_code: String,
}

impl RpcMetrics {
    pub(crate) fn register(descriptor_set: &[u8], registry: &mut Registry) -> Self {
        let duration =
            Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register_with_unit(
            "demeter_rpc_server_duration",
            "Time to answer an RPC",
            Unit::Seconds,
            duration.clone(),
        );
        Self {
            duration,
            known: methods(descriptor_set),
        }
    }

    pub(crate) fn observe(&self, path: &str, code: Code, duration: Duration) {
        let method = path.trim_start_matches('/');
        let rpc_method = if self.known.contains(method) {
            method
        } else {
            "unknown"
        }
        .to_owned();
        let rpc_response_status_code = format!("{code:?}");
        self.duration
            .get_or_create(&Labels {
                rpc_method,
                rpc_response_status_code,
            })
            .observe(duration.as_secs_f64());
    }
}

fn methods(descriptor_set: &[u8]) -> BTreeSet<String> {
    let files = prost_types::FileDescriptorSet::decode(descriptor_set)
        .map(|set| set.file)
        .unwrap_or_default();
    let mut methods = BTreeSet::new();
    for file in &files {
        for service in &file.service {
            let names = service
                .method
                .iter()
                .map(|method| format!("{}.{}/{}", file.package(), service.name(), method.name()));
            methods.extend(names);
        }
    }
    methods
}
