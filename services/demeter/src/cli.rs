//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};
use demeter_yolo::DeviceChoice;

/// Counts plants in photos and keeps their ledger.
///
/// `demeter up` starts everything on this machine: four services, the gateway
/// and a demo nursery. The other commands prepare, fill and examine a system.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Starts the whole system and stays in the foreground until Ctrl-C.
    ///
    /// Without any settings it keeps SQLite files, photos, keys and logs in the
    /// data folder. `DATABASE_URL`, `REDIS_URL` and `S3_ENDPOINT` switch each of
    /// them to PostgreSQL, Redis and an S3-compatible store.
    Up(UpArgs),
    /// Starts a fresh system, walks the main job on a photo over HTTP, prints what
    /// came of it, and stops. Exits 0 only if every step gave what it should.
    Demo(DemoArgs),
    /// Creates or updates the tables of all services in `DATABASE_URL` (or in the
    /// data folder).
    Migrate(DataArgs),
    /// Creates an administrator. The password is read from `DEMETER_PASSWORD`, or
    /// generated and printed.
    CreateAdmin(CreateAdminArgs),
    /// Brings data in through the gateway.
    #[command(subcommand)]
    Import(Import),
    /// Finds objects in a picture with a YOLO11 model.
    Detect(DetectArgs),
    /// Examines model weights.
    #[command(subcommand)]
    Model(ModelCommand),
    /// Measures how fast this machine is at what Demeter does.
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Asks a service whether it is ready; exits 0 if so. For containers.
    Healthcheck(HealthcheckArgs),
    /// Writes what is derived from the protos: OpenAPI document, authorization
    /// table and API reference.
    Docs(DocsArgs),
    /// Writes the gateway's settings, for an Envoy that runs elsewhere.
    GatewayFiles(GatewayFilesArgs),
}

#[derive(Args, Clone)]
pub(crate) struct DataArgs {
    /// The folder for everything that has to stay.
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub(crate) data: PathBuf,
}

#[derive(Args, Clone)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Moves the whole set of ports: gateway N, its admin N+1, gRPC N+11 to N+14,
    /// ops N+21 to N+24. Without it: 8000, 9901, 50051 to 50054, 9051 to 9054.
    #[arg(long, value_name = "N")]
    pub(crate) port_base: Option<u16>,
    /// The Envoy binary; `make run` fetches it.
    #[arg(long, env = "DEMETER_ENVOY")]
    pub(crate) envoy: Option<PathBuf>,
    /// Leaves out the demo nursery and its photo.
    #[arg(long)]
    pub(crate) no_demo: bool,
}

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// The folder for this run; what an earlier demo left in it is removed.
    #[arg(long, default_value = "data/demo")]
    pub(crate) data: PathBuf,
    /// The Envoy binary; `make demo` fetches it.
    #[arg(long, env = "DEMETER_ENVOY")]
    pub(crate) envoy: Option<PathBuf>,
    /// Another photo than the bundled one. Without a GPS position in the demo
    /// nursery it is assigned to a bed by hand, as a user would.
    #[arg(long)]
    pub(crate) photo: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CreateAdminArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The administrator's e-mail address.
    #[arg(long)]
    pub(crate) email: String,
}

#[derive(Subcommand)]
pub(crate) enum Import {
    /// Imports greenhouses, beds and locations from GeoJSON, all or nothing.
    Places(ImportPlacesArgs),
}

#[derive(Args)]
pub(crate) struct ImportPlacesArgs {
    /// FeatureCollection of greenhouses (property `name`).
    #[arg(long, value_name = "FILE")]
    pub(crate) warehouses: PathBuf,
    /// FeatureCollection of beds (properties `label`, `nave`).
    #[arg(long, value_name = "FILE")]
    pub(crate) areas: PathBuf,
    /// FeatureCollection of locations (properties `label`, `cantero`, `nave`).
    #[arg(long, value_name = "FILE")]
    pub(crate) locations: PathBuf,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct ServerArgs {
    /// The gateway.
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    pub(crate) url: String,
    /// Who to sign in as.
    #[arg(long, default_value = "admin@demeter.local")]
    pub(crate) email: String,
    /// Their password.
    #[arg(long, env = "DEMETER_PASSWORD", hide_env_values = true)]
    pub(crate) password: String,
}

#[derive(Args)]
pub(crate) struct DetectArgs {
    /// JPEG, PNG or WebP.
    pub(crate) image: PathBuf,
    /// Weights as safetensors or Ultralytics .pt; the built-in plant model
    /// without it.
    #[arg(long)]
    pub(crate) weights: Option<PathBuf>,
    /// Where the model runs: auto, cpu, cuda or cuda:N, the latter two also with
    /// /f16, /bf16 or /f32.
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceChoice,
    /// Drops what the model is less sure of, 0 to 1.
    #[arg(long, default_value_t = 0.25)]
    pub(crate) min_confidence: f32,
    /// Prints JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Also writes the picture with a box per object, as PNG.
    #[arg(long, value_name = "PNG")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum ModelCommand {
    /// Compares a model's outputs with a reference file: prints the largest
    /// relative error of each output, exits 1 when one is above 1e-3 (2e-2 where the
    /// weights are stored in half precision).
    Verify(VerifyArgs),
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Weights as safetensors or Ultralytics .pt.
    #[arg(long)]
    pub(crate) weights: PathBuf,
    /// A safetensors file with `image`, `prediction` and, for segmentation,
    /// `prototypes`.
    #[arg(long)]
    pub(crate) reference: PathBuf,
    /// The largest relative error that passes, instead of 1e-3 (2e-2).
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) tolerance: Option<f64>,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("not a number from 0 to 1, such as 1e-3".to_owned()),
    }
}

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Times forward passes of a model: from an input that is ready to all boxes (and
    /// prototypes), nothing before and nothing after; with `--detect` also that.
    ///
    /// `make bench-infer` runs it in turn with other runtimes and compares.
    Infer(BenchInferArgs),
}

#[derive(Args)]
pub(crate) struct BenchInferArgs {
    /// Weights as safetensors or Ultralytics .pt; the built-in plant model
    /// without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    /// Side of the square input in pixels, a multiple of 32.
    #[arg(long, value_name = "PIXELS", default_value = "640", value_parser = input_side)]
    pub(crate) size: usize,
    /// Pictures per forward pass.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=256))]
    pub(crate) batch: u16,
    /// Threads that compute; as many as there are cores without it.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Forward passes to time.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(crate) runs: u32,
    /// Forward passes before the first one that is timed.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) warm_up: u32,
    /// A safetensors file with `input`, [B, 3, H, W] of values 0 to 1; noise of
    /// `--size` and `--batch` without it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["size", "batch"])]
    pub(crate) input: Option<PathBuf>,
    /// Times all that is done with a picture instead: fitting it into the input, the
    /// network, and reading boxes and masks. Of this photo, `--batch` times.
    #[arg(long, value_name = "PHOTO", conflicts_with_all = ["input", "output", "profile"])]
    pub(crate) detect: Option<PathBuf>,
    /// Also writes what the model answered, as safetensors with `prediction` and,
    /// of segment models, `prototypes`.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Prints one JSON object, with every time.
    #[arg(long)]
    pub(crate) json: bool,
    /// Prints how long each layer takes instead, on the first picture of the batch: the
    /// median over `--runs`, and the rate in operations of the plain formula.
    #[arg(long, conflicts_with_all = ["json", "on_request", "output"])]
    pub(crate) profile: bool,
    /// Runs only when asked, so that several programs can be timed in turn.
    ///
    /// Prints a line of JSON when ready, then reads lines from standard input: for
    /// each number it runs that many forward passes and answers a line with
    /// `times_ms`. At the end of the input the last line is `peak_memory_bytes`.
    #[arg(long, conflicts_with_all = ["runs", "json"])]
    pub(crate) on_request: bool,
}

fn input_side(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(side) if (32..=8192).contains(&side) && side % 32 == 0 => Ok(side),
        _ => Err("not a multiple of 32 between 32 and 8192".to_owned()),
    }
}

#[derive(Args)]
pub(crate) struct HealthcheckArgs {
    /// The readiness page to ask.
    #[arg(default_value = "http://127.0.0.1:9051/readyz")]
    pub(crate) url: String,
}

#[derive(Args)]
pub(crate) struct DocsArgs {
    /// The folder to write to.
    #[arg(long, default_value = "docs")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct GatewayFilesArgs {
    /// The folder to write to; Envoy looks for them in /etc/demeter.
    #[arg(long)]
    pub(crate) out: PathBuf,
}
