//! `demeter up`: the whole system on this machine.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use demeter_service::Signals;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::client::{Client, text};
use crate::nursery;
use crate::system::{ADMIN_EMAIL, Admin, DataFolder, Ports, Running, running};
use crate::terminal::{print, progress};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// Moves the whole set of ports: gateway N, its admin N+1, gRPC N+11 to N+14,
    /// ops N+21 to N+24. Without it: 8000, 9901, 50051 to 50054, 9051 to 9054.
    #[arg(long, value_name = "N")]
    port_base: Option<u16>,
    /// Where the gateway takes requests: 0.0.0.0 lets other machines in. Give it a
    /// certificate then (`GATEWAY_TLS_CERTIFICATE_FILE`), or passwords pass in the
    /// clear. Services are on loopback always.
    #[arg(long, env = "GATEWAY_LISTEN", value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// The Envoy binary; `make run` fetches it.
    #[arg(long, env = "DEMETER_ENVOY")]
    envoy: Option<PathBuf>,
    /// Leaves out the demo nursery and its photo.
    #[arg(long)]
    no_demo: bool,
}

/// Starts everything, says so in one line, and stays until Ctrl-C.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let ports = args
        .port_base
        .map_or_else(|| Ok(Ports::standard()), Ports::from_base)?
        .with_listen(args.listen);
    let envoy = running::envoy(args.envoy.as_deref())?;
    let (lock, settings) = running::prepare(&args.folder.data, &ports).await?;
    let mut signals = Signals::listen()?;
    let telemetry = demeter_telemetry::init(&settings.telemetry()?)?;
    let outcome = tokio::select! {
        started = running::start(lock, &settings, &ports, envoy) => match started {
            Ok(running) => stay(running, &args, &mut signals).await,
            Err(error) => Err(error),
        },
        () = signals.next() => Ok(()),
    };
    demeter_service::finish(telemetry, &outcome).await;
    outcome
}

async fn stay(mut running: Running, args: &Args, signals: &mut Signals) -> anyhow::Result<()> {
    let url = running.url.clone();
    let ready = ready(&running);
    let client = Client::in_session_at_home(&url, &running.admin.token)?;
    let greeted = async {
        if !args.no_demo {
            greet(&url, &client).await?;
        }
        client.sign_out().await?;
        print(&ready);
        std::future::pending::<anyhow::Result<()>>().await
    };
    let outcome = tokio::select! {
        outcome = greeted => outcome,
        // Half a system is none: no time is given to what still runs.
        error = running.failed() => {
            running.abort().await;
            return Err(error);
        }
        () = signals.next() => Ok(()),
    };
    progress("stopping …");
    outcome.and(running.stop().await)
}

/// The line that says where the system is and who may sign in. Logs and scrolling
/// terminals keep lines, so the password is shown once, when it is made.
fn ready(running: &Running) -> String {
    let Running { url, admin, .. } = running;
    let Admin {
        password,
        password_file,
        token: _,
    } = admin;
    if let Some(password) = password {
        let password = password.expose_secret();
        return format!("ready: {url} ({ADMIN_EMAIL} / {password})");
    }
    let file = password_file.display();
    format!("ready: {url} ({ADMIN_EMAIL}, password in {file})")
}

/// Fills the nursery and counts the bundled photo; what is there stays.
async fn greet(url: &str, client: &Client) -> anyhow::Result<()> {
    progress("preparing the demo nursery …");
    nursery::ensure(client).await?;
    progress("counting the demo photo …");
    let uploaded = client.upload("bed.jpg", nursery::PHOTO.to_vec()).await?;
    let counted = client.until_done(text(&uploaded, "session_id")?).await?;
    let photo = &counted["photo"];
    progress(&format!(
        "counted {} plants in the demo photo{} ({} are in it)",
        photo["total_detected"],
        how_sure(photo),
        nursery::plants(nursery::TRUTH)?,
    ));
    progress(&format!("API and documentation: {url}/docs"));
    Ok(())
}

/// Where a photo's true number of plants lies; nothing of a model that was not
/// calibrated.
pub(crate) fn how_sure(photo: &Value) -> String {
    let bounds = (&photo["plants_low"], &photo["plants_high"]);
    match bounds {
        (Value::Number(low), Value::Number(high)) => format!(", 95 %: {low} to {high}"),
        _ => String::new(),
    }
}
