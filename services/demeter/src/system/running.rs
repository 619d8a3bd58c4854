//! A running system: the services and the gateway in front of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use demeter_config::Env;
use secrecy::SecretString;

use super::secrets::Secrets;
use super::services::Services;
use super::{Lock, Ports, Settings};

use crate::gateway::{Gateway, GatewayConfig, Options, Upstreams, end_left_behind, find_envoy};
use crate::terminal::progress;

const RENEW_EVERY: Duration = Duration::from_hours(24);

/// A running system: the services and the gateway in front of them.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) admin: Admin,
    services: Services,
    gateway: Gateway,
    secrets: Secrets,
    _lock: Lock,
}

/// The administrator of a running system.
pub(crate) struct Admin {
    /// Made for whatever the start has to do; the next start makes another.
    pub(crate) token: SecretString,
    /// Their password, when this start created them.
    pub(crate) password: Option<SecretString>,
    /// Where it is kept.
    pub(crate) password_file: PathBuf,
}

// === impl Running ===

impl Running {
    /// Waits until a service or the gateway ends by itself, which none should.
    /// Renews certificates meanwhile.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            never = keep_renewed(&self.secrets) => match never {},
            error = self.services.failed() => error,
            ended = self.gateway.exited() => anyhow!("the gateway stopped by itself ({ended:?}); its log is in the data folder"),
        }
    }

    /// Ends everything at once.
    pub(crate) async fn abort(self) {
        drop(self.services);
        // What cannot be killed has ended already.
        self.gateway.kill().await.ok();
    }

    /// The gateway first, so that nobody is let in to a service that ends.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let gateway = self.gateway.stop().await;
        self.services.stop().await.and(gateway)
    }
}

/// Long before they run out. When it fails there are weeks to mend why.
async fn keep_renewed(secrets: &Secrets) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        if let Err(error) = secrets.renew_certificates() {
            tracing::error!(
                error = format!("{error:#}"),
                "certificates were not renewed"
            );
        }
    }
}

/// The gateway's program: the one that is named, or the one that is installed.
pub(crate) fn envoy(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    match given {
        Some(path) => path
            .canonicalize()
            .with_context(|| format!("there is no Envoy at {}", path.display())),
        None => find_envoy(&Env::from_process()),
    }
}

/// Checks everything that a person can get wrong, before anything starts.
pub(crate) async fn prepare(data: &Path, ports: &Ports) -> anyhow::Result<(Lock, Settings)> {
    let lock = Lock::take(data)?;
    let settings = Settings::open(data, ports)?;
    // A process that was killed leaves its gateway behind, on our ports.
    end_left_behind(&settings.run_folder()).await?;
    ports.check_free()?;
    Ok((lock, settings))
}

/// Starts services and gateway and creates the administrator.
pub(crate) async fn start(
    lock: Lock,
    settings: &Settings,
    ports: &Ports,
    envoy: PathBuf,
) -> anyhow::Result<Running> {
    progress("preparing the databases …");
    settings.migrate().await?;
    let password = settings.admin_password()?;
    let is_new = settings.ensure_admin(&password).await?;
    let admin = Admin {
        token: settings.admin_token().await?,
        password: is_new.then_some(password),
        password_file: settings.admin_password_file().to_owned(),
    };
    progress("starting auth, stock, photo and inference …");
    let services = Services::start(settings.env()).await?;
    progress("starting the gateway …");
    let options = Options::from_env(settings.env())?;
    let scheme = if options.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let mesh = settings.secrets().mesh.join("gateway");
    let config = GatewayConfig {
        mesh: Some(mesh),
        ..gateway_config(envoy, settings.run_folder(), options, ports)
    };
    let gateway = Gateway::start(config).await?;
    let here = SocketAddr::new(ports.gateway_from_here(), gateway.address().port());
    let url = format!("{scheme}://{here}");
    Ok(Running {
        url,
        admin,
        services,
        gateway,
        secrets: settings.secrets().clone(),
        _lock: lock,
    })
}

fn gateway_config(
    envoy: PathBuf,
    run_dir: PathBuf,
    options: Options,
    ports: &Ports,
) -> GatewayConfig {
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let [auth, stock, photo, inference] = ports.grpc.map(local);
    GatewayConfig {
        envoy,
        run_dir,
        listen: ports.gateway(),
        admin: local(ports.gateway_admin),
        upstreams: Upstreams {
            auth,
            stock,
            photo,
            inference,
            auth_ops: local(ports.ops[0]),
        },
        mesh: None,
        options,
        log_level: "warning".to_owned(),
    }
}
