//! `demeter up`: the whole system on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use demeter_config::Env;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::UpArgs;
use crate::client::{Client, text};
use crate::commands::{print, progress};
use crate::gateway::{Gateway, GatewayConfig, Upstreams, end_left_behind, find_envoy};
use crate::nursery;
use crate::system::{ADMIN_EMAIL, Lock, Ports, Settings, System};

/// A count on a slow machine takes a while; far longer than this is a fault.
const COUNT_TIMEOUT: Duration = Duration::from_mins(10);
const POLL: Duration = Duration::from_millis(300);

/// A running system: the services and the gateway in front of them.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) password: String,
    system: System,
    gateway: Gateway,
    _lock: Lock,
}

/// Ctrl-C, and the request to end.
struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

/// Starts everything, says so in one line, and stays until Ctrl-C.
pub(crate) async fn run(args: UpArgs) -> anyhow::Result<()> {
    let ports = args
        .port_base
        .map_or_else(|| Ok(Ports::standard()), Ports::from_base)?;
    let envoy = self::envoy(args.envoy.as_deref())?;
    let (lock, settings) = prepare(&args.data.data, &ports).await?;
    let telemetry = demeter_telemetry::init(&settings.telemetry()?)?;
    let mut interrupts = Interrupts::listen()?;
    let outcome = tokio::select! {
        started = start(lock, &settings, &ports, envoy) => match started {
            Ok(running) => stay(running, &args, &mut interrupts).await,
            Err(error) => Err(error),
        },
        () = interrupts.next() => Ok(()),
    };
    telemetry.flush().await;
    outcome
}

async fn stay(
    mut running: Running,
    args: &UpArgs,
    interrupts: &mut Interrupts,
) -> anyhow::Result<()> {
    let (url, password) = (running.url.clone(), running.password.clone());
    let greeted = async {
        if !args.no_demo {
            greet(&url, &password).await?;
        }
        print(&format!("ready: {url} ({ADMIN_EMAIL} / {password})"));
        std::future::pending::<anyhow::Result<()>>().await
    };
    let outcome = tokio::select! {
        outcome = greeted => outcome,
        error = running.failed() => Err(error),
        () = interrupts.next() => Ok(()),
    };
    progress("stopping …");
    outcome.and(running.stop().await)
}

/// Fills the nursery and counts the bundled photo; what is there stays.
async fn greet(url: &str, password: &str) -> anyhow::Result<()> {
    let client = Client::sign_in(url, ADMIN_EMAIL, password).await?;
    progress("preparing the demo nursery …");
    nursery::ensure(&client).await?;
    progress("counting the demo photo …");
    let uploaded = client.upload("bed.jpg", nursery::PHOTO.to_vec()).await?;
    let counted = until_done(&client, text(&uploaded, "session_id")?).await?;
    let photo = &counted["photo"];
    progress(&format!(
        "counted {} plants in the demo photo ({} are in it)",
        photo["total_detected"],
        nursery::plants(nursery::TRUTH)?,
    ));
    progress(&format!("API and documentation: {url}/docs"));
    Ok(())
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
    settings.ensure_admin(&password).await?;
    progress("starting auth, stock, photo and inference …");
    let system = settings.start().await?;
    progress("starting the gateway …");
    let gateway = Gateway::start(gateway_config(envoy, settings.run_folder(), ports)).await?;
    let url = format!("http://127.0.0.1:{}", gateway.address().port());
    Ok(Running {
        url,
        password: password.expose_secret().to_owned(),
        system,
        gateway,
        _lock: lock,
    })
}

fn gateway_config(envoy: PathBuf, run_dir: PathBuf, ports: &Ports) -> GatewayConfig {
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let [auth, stock, photo, inference] = ports.grpc.map(local);
    GatewayConfig {
        envoy,
        run_dir,
        listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, ports.gateway)),
        admin: local(ports.gateway_admin),
        upstreams: Upstreams {
            auth,
            stock,
            photo,
            inference,
            auth_ops: local(ports.ops[0]),
        },
        cors_origins: Vec::new(),
        log_level: "warning".to_owned(),
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

/// Polls a session until nothing more happens by itself.
pub(crate) async fn until_done(client: &Client, session: &str) -> anyhow::Result<Value> {
    let path = format!("/api/v1/photos/sessions/{session}/progress");
    let done = async {
        loop {
            let progress = client.get(&path).await?;
            if progress["done"] == true {
                return anyhow::Ok(progress);
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(COUNT_TIMEOUT, done)
        .await
        .context("the photo was not counted in time")?
}

// === impl Running ===

impl Running {
    async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            error = self.system.failed() => error,
            ended = self.gateway.exited() => anyhow!("the gateway stopped by itself ({ended:?}); its log is in the data folder"),
        }
    }

    /// The gateway first, so that nobody is let in to a service that ends.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let gateway = self.gateway.stop().await;
        self.system.stop().await.and(gateway)
    }
}

// === impl Interrupts ===

impl Interrupts {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
