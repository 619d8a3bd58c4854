//! Commands that show whether the ledger is true.

mod export;
mod verify;

use std::path::Path;

use clap::Subcommand;
use demeter_config::{Env, Reader};
use secrecy::ExposeSecret as _;

use crate::system::DataFolder;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Checks every law of the ledger over the whole database and names what breaks one;
    /// exits 0 only if nothing does. Reads only, and may run beside everything else.
    Verify(verify::Args),
    /// Writes the ledger to a file that others can check without Demeter:
    /// `docs/verify_ledger.py` needs Python alone. Prints the hash of its last line.
    Export(export::Args),
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Verify(args) => verify::run(&args).await,
        Command::Export(args) => export::run(&args).await,
    }
}

/// Where the ledger is: `STOCK_DATABASE_URL`, `DATABASE_URL`, or the data folder.
fn database(folder: &DataFolder) -> anyhow::Result<demeter_db::Config> {
    let data = std::path::absolute(&folder.data)?;
    let env = Env::from_process().with("DATA_DIR", data.to_string_lossy());
    let reader = Reader::new(&env);
    let database = demeter_service::database(&reader, "stock");
    let database = reader.finish(database)?;
    if let Some(file) = database.url.expose_secret().strip_prefix("sqlite://") {
        // It would be made, and be true.
        anyhow::ensure!(
            Path::new(file).exists(),
            "there is no ledger in {file}: name the data folder with --data, or its database \
             with STOCK_DATABASE_URL"
        );
    }
    Ok(database)
}
