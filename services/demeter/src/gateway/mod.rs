//! Runs the real Envoy as a child process: renders its configuration, starts
//! it, waits until it serves, and stops it without cutting requests off.

mod admin;
mod assets;
mod binary;
mod config;
mod options;
mod requests;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use admin::Admin;
pub(crate) use assets::write_files;
use assets::{write_assets, write_mesh};
pub(crate) use binary::find_envoy;
pub(crate) use options::Options;

/// How long Envoy may take to serve. It takes 0.1 s; a busy machine more.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long running requests may take to end at a stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);
const CONFIG_FILE: &str = "envoy.json";
const ADMIN_FILE: &str = "envoy.admin";
const LOG_FILE: &str = "envoy.log";
const ACCESS_LOG_FILE: &str = "access.log";

/// What a gateway needs to know.
#[derive(Clone, Debug)]
pub(crate) struct GatewayConfig {
    /// The Envoy binary; see [`find_envoy`].
    pub(crate) envoy: PathBuf,
    /// Where its files go: configuration, descriptor set, Swagger UI, logs
    /// (`envoy.log`, `access.log`). One gateway per folder.
    pub(crate) run_dir: PathBuf,
    /// Where it serves; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// Where its administration is; port 0 takes a free one. Keep it on loopback.
    pub(crate) admin: SocketAddr,
    /// Where the services are.
    pub(crate) upstreams: Upstreams,
    /// The folder of its certificate for the mesh; in the clear without one.
    pub(crate) mesh: Option<PathBuf>,
    /// What the operator says.
    pub(crate) options: Options,
    /// Envoy's own: `warning`, `info`, `debug`.
    pub(crate) log_level: String,
}

/// Where the services are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upstreams {
    /// gRPC of the auth service.
    pub(crate) auth: SocketAddr,
    /// gRPC of the stock service.
    pub(crate) stock: SocketAddr,
    /// gRPC of the photo service.
    pub(crate) photo: SocketAddr,
    /// gRPC of the inference service.
    pub(crate) inference: SocketAddr,
    /// HTTP of the auth service, for the keys of access tokens.
    pub(crate) auth_ops: SocketAddr,
}

/// A running Envoy. Dropping it kills the process; [`Gateway::stop`] is kinder.
#[derive(Debug)]
pub(crate) struct Gateway {
    child: Child,
    admin: Admin,
    address: SocketAddr,
}

// === impl Gateway ===

impl Gateway {
    /// Starts Envoy and returns once it takes connections.
    ///
    /// Fails with the end of Envoy's log when it exits, for example because the
    /// port is taken. A gateway that a killed process left behind in the same
    /// `run_dir` is ended first.
    pub(crate) async fn start(config: GatewayConfig) -> anyhow::Result<Self> {
        fs::create_dir_all(&config.run_dir)
            .with_context(|| format!("cannot create {}", config.run_dir.display()))?;
        // Envoy may run in another folder than the one the path is relative to.
        let run_dir = fs::canonicalize(&config.run_dir)?;
        end_left_behind(&run_dir).await?;
        write_assets(&run_dir)?;
        if let Some(folder) = &config.mesh {
            write_mesh(&run_dir, folder)?;
        }
        let rendered = config::render(&config, &run_dir)?;
        fs::write(run_dir.join(CONFIG_FILE), rendered)?;
        let mut child = spawn(&config, &run_dir)?;
        let (admin, address) = match timeout(START_LIMIT, until_ready(&mut child, &run_dir)).await {
            Ok(ready) => ready?,
            Err(_elapsed) => bail!(
                "Envoy did not start in {} s: {}",
                START_LIMIT.as_secs(),
                last_words(&run_dir)
            ),
        };
        Ok(Self {
            child,
            admin,
            address,
        })
    }

    /// Where it serves, with the real port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns when Envoy ends by itself, which it should not.
    pub(crate) async fn exited(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Takes no new requests, lets the running ones end for a moment, and ends
    /// the process.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        if self.admin.drain().await.is_ok() {
            let deadline = Instant::now() + DRAIN_LIMIT;
            while Instant::now() < deadline && self.admin.active_requests().await.unwrap_or(0) > 0 {
                sleep(POLL).await;
            }
            if self.admin.quit().await.is_ok()
                && timeout(DRAIN_LIMIT, self.child.wait()).await.is_ok()
            {
                return Ok(());
            }
        }
        self.kill().await
    }

    /// Ends the process at once.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("cannot end Envoy")
    }
}

/// Ends the gateway that a killed process left behind in this folder, if there
/// is one, so that its ports are free. [`Gateway::start`] does it too; a caller
/// that checks the ports first calls it before.
pub(crate) async fn end_left_behind(run_dir: &Path) -> anyhow::Result<()> {
    let Ok(run_dir) = fs::canonicalize(run_dir) else {
        return Ok(());
    };
    admin::end_predecessor(&run_dir.join(ADMIN_FILE), &run_dir.join(CONFIG_FILE)).await
}

fn spawn(config: &GatewayConfig, run_dir: &Path) -> anyhow::Result<Child> {
    let admin_file = run_dir.join(ADMIN_FILE);
    if admin_file.exists() {
        fs::remove_file(&admin_file)?;
    }
    let log = |name: &str| {
        File::create(run_dir.join(name)).with_context(|| format!("cannot write {name}"))
    };
    Command::new(&config.envoy)
        .arg("-c")
        .arg(run_dir.join(CONFIG_FILE))
        .arg("--admin-address-path")
        .arg(&admin_file)
        .args([
            "--disable-hot-restart",
            "--concurrency",
            "2",
            "--file-flush-interval-msec",
            "500",
        ])
        .args(["--log-level", &config.log_level])
        .stdin(Stdio::null())
        .stdout(Stdio::from(log(ACCESS_LOG_FILE)?))
        .stderr(Stdio::from(log(LOG_FILE)?))
        .kill_on_drop(true)
        // Ctrl-C in a terminal must reach us alone: Envoy would drop requests.
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot run {}", config.envoy.display()))
}

async fn until_ready(child: &mut Child, run_dir: &Path) -> anyhow::Result<(Admin, SocketAddr)> {
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("Envoy ended ({status}): {}", last_words(run_dir));
        }
        if let Some(admin) = Admin::at(&run_dir.join(ADMIN_FILE))
            && admin.is_ready().await
        {
            let address = admin.listener("http").await?;
            return Ok((admin, address));
        }
        sleep(POLL).await;
    }
}

/// The last complaint in Envoy's log.
fn last_words(run_dir: &Path) -> String {
    let log = fs::read_to_string(run_dir.join(LOG_FILE)).unwrap_or_default();
    let complaint = |line: &&str| line.contains("[critical]") || line.contains("[error]");
    let line = log
        .lines()
        .rev()
        .find(complaint)
        .or_else(|| log.lines().last());
    line.unwrap_or("its log is empty")
        .chars()
        .take(800)
        .collect()
}
