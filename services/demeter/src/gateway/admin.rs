//! Envoy's administration interface, as far as starting and stopping need it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use tokio::time::{Instant, sleep};

const CALL_LIMIT: Duration = Duration::from_secs(5);
const END_LIMIT: Duration = Duration::from_secs(5);

/// Speaks to one Envoy.
#[derive(Clone, Debug)]
pub(super) struct Admin {
    base: String,
    client: reqwest::Client,
}

// === impl Admin ===

impl Admin {
    /// The Envoy whose address is in the file that it writes at start; none
    /// while there is no such file.
    pub(super) fn at(file: &Path) -> Option<Self> {
        let address: SocketAddr = fs::read_to_string(file).ok()?.trim().parse().ok()?;
        let client = reqwest::Client::builder()
            .timeout(CALL_LIMIT)
            .no_proxy()
            .build()
            .ok()?;
        Some(Self {
            base: format!("http://{address}"),
            client,
        })
    }

    /// Whether it takes connections.
    pub(super) async fn is_ready(&self) -> bool {
        let answer = self.client.get(format!("{}/ready", self.base)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Where a listener listens.
    pub(super) async fn listener(&self, name: &str) -> anyhow::Result<SocketAddr> {
        let listeners = self.read("/listeners?format=json").await?;
        let statuses = listeners["listener_statuses"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let socket = statuses
            .iter()
            .find(|status| status["name"] == name)
            .map(|status| &status["local_address"]["socket_address"])
            .with_context(|| format!("Envoy has no listener {name}"))?;
        let text = format!(
            "{}:{}",
            socket["address"].as_str().unwrap_or_default(),
            socket["port_value"]
        );
        text.parse()
            .with_context(|| format!("Envoy names a listener address that is none: {text}"))
    }

    /// Requests that are running now.
    pub(super) async fn active_requests(&self) -> anyhow::Result<u64> {
        let stats = self
            .read("/stats?format=json&filter=http.gateway.downstream_rq_active")
            .await?;
        Ok(stats["stats"][0]["value"].as_u64().unwrap_or(0))
    }

    /// Makes it take no new connections and tell the open ones to close.
    pub(super) async fn drain(&self) -> anyhow::Result<()> {
        self.tell("/healthcheck/fail").await?;
        self.tell("/drain_listeners?graceful&skip_exit").await
    }

    /// Ends it.
    pub(super) async fn quit(&self) -> anyhow::Result<()> {
        self.tell("/quitquitquit").await
    }

    /// The path of the configuration that it was started with.
    async fn config_path(&self) -> anyhow::Result<String> {
        let info = self.read("/server_info").await?;
        Ok(info["command_line_options"]["config_path"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    async fn read(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .send()
            .await?
            .error_for_status()?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }

    async fn tell(&self, path: &str) -> anyhow::Result<()> {
        self.client
            .post(format!("{}{path}", self.base))
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}

/// Ends the Envoy that a killed process left behind, so that its port is free.
/// Only one that was started with this very configuration file is ended.
pub(super) async fn end_predecessor(admin_file: &Path, config_file: &Path) -> anyhow::Result<()> {
    let Some(admin) = Admin::at(admin_file) else {
        return Ok(());
    };
    if admin
        .config_path()
        .await
        .is_ok_and(|path| Path::new(&path) == config_file)
    {
        tracing::warn!("ending a gateway that an earlier process left behind");
        admin.quit().await?;
        let deadline = Instant::now() + END_LIMIT;
        while Instant::now() < deadline && admin.is_ready().await {
            sleep(super::POLL).await;
        }
    }
    Ok(())
}
