//! One file per command, in a room per purpose; each says what it is told.

mod data;
mod ledger;
mod model;
mod run;
mod setup;

use clap::{Parser, Subcommand};

/// Counts plants in photos and keeps their ledger.
///
/// `demeter up` starts everything on this machine: four services, the gateway
/// and a demo nursery. The other commands prepare, fill and examine a system.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the whole system and stays in the foreground until Ctrl-C.
    ///
    /// Without any settings it keeps SQLite files, photos, keys and logs in the
    /// data folder. `DATABASE_URL`, `REDIS_URL` and `S3_ENDPOINT` switch each of
    /// them to PostgreSQL, Redis and an S3-compatible store.
    Up(run::up::Args),
    /// Starts a fresh system, walks the main job on a photo over HTTP, prints what
    /// came of it, and stops. Exits 0 only if every step gave what it should.
    Demo(run::demo::Args),
    /// Makes a PostgreSQL role and a schema for auth, stock and photo each, as
    /// `AUTH_DATABASE_URL`, `STOCK_DATABASE_URL` and `PHOTO_DATABASE_URL` name them
    /// with their passwords; `DATABASE_ADMIN_URL` says who may. Tables that are there
    /// are handed over.
    CreateRoles,
    /// Creates or updates the tables of all services, in `DATABASE_URL`, in a URL of
    /// each one's own, or in the data folder.
    Migrate(setup::migrate::Args),
    /// Creates an administrator. The password is read from `DEMETER_PASSWORD`, or
    /// generated and printed.
    CreateAdmin(setup::admin::Args),
    /// Brings data in through the gateway.
    #[command(subcommand)]
    Import(data::Import),
    /// Shows whether the ledger is true.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Finds objects in a picture with a YOLO11 model.
    Detect(model::detect::Args),
    /// Examines model weights.
    #[command(subcommand)]
    Model(model::Command),
    /// Measures how fast this machine is at what Demeter does.
    #[command(subcommand)]
    Bench(model::bench::Command),
    /// Asks a service whether it is ready; exits 0 if so. For containers.
    Healthcheck(setup::healthcheck::Args),
    /// Writes what is derived from the protos: OpenAPI document, authorization
    /// table and API reference.
    Docs(setup::docs::Args),
    /// Makes the certificates with which services and gateway know each other, for a
    /// mesh of processes of their own. `demeter up` needs none: it makes its own.
    Certificates(setup::certificates::Args),
    /// Writes the gateway's settings, for an Envoy that runs elsewhere.
    GatewayFiles(setup::gateway_files::Args),
}

// === impl Cli ===

impl Cli {
    /// Does what was asked; its output goes to standard output, everything else
    /// that it has to say to standard error.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Up(args) => run::up::run(args).await,
            Command::Demo(args) => run::demo::run(args).await,
            Command::CreateRoles => setup::roles::run().await,
            Command::Migrate(args) => setup::migrate::run(&args).await,
            Command::CreateAdmin(args) => setup::admin::run(&args).await,
            Command::Import(what) => data::import(what).await,
            Command::Ledger(command) => ledger::run(command).await,
            Command::Detect(args) => model::detect::run(&args),
            Command::Model(command) => model::run(command),
            Command::Bench(command) => model::bench::run(&command),
            Command::Healthcheck(args) => setup::healthcheck::run(&args).await,
            Command::Docs(args) => setup::docs::run(&args),
            Command::Certificates(args) => setup::certificates::run(&args),
            Command::GatewayFiles(args) => setup::gateway_files::run(&args),
        }
    }
}
