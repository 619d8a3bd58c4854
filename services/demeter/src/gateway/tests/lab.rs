//! The real Envoy before stand-ins, and what tests say to it.

use std::net::SocketAddr;

use reqwest::{Client, Method, Response};

use super::super::{Gateway, GatewayConfig};
use super::standins::{Standins, token};
use super::{call, envoy, json_of, options};

/// The year 2100.
pub(super) const LATER: u64 = 4_102_444_800;

/// The real Envoy before stand-ins of the services.
pub(super) struct Lab {
    pub(super) gateway: Gateway,
    pub(super) standins: Standins,
    _folder: tempfile::TempDir,
}

// === impl Lab ===

impl Lab {
    pub(super) async fn start() -> Option<Self> {
        let envoy = envoy()?;
        let folder = tempfile::tempdir().unwrap();
        let standins = Standins::start().await;
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = GatewayConfig {
            envoy,
            run_dir: folder.path().to_owned(),
            listen: free,
            admin: free,
            upstreams: standins.upstreams,
            mesh: None,
            options: options(""),
            log_level: "warning".to_owned(),
        };
        let gateway = Gateway::start(config).await.unwrap();
        Some(Self {
            gateway,
            standins,
            _folder: folder,
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway.address())
    }

    pub(super) async fn get(&self, path: &str) -> Response {
        call(
            &self.gateway,
            Method::GET,
            path,
            &[("authorization", &signed_in())],
        )
        .await
    }

    pub(super) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Response {
        let client = Client::builder().no_proxy().build().unwrap();
        let mut request = client.post(self.url(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

/// A token that works.
pub(super) fn signed_in() -> String {
    token("demeter-api", LATER)
}

/// The HTTP status and the reason of a refusal.
pub(super) async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body = json_of(response).await;
    (
        status,
        body["details"][0]["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}
