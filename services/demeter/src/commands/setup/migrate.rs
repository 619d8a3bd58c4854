//! `demeter migrate`: creates or updates every service's tables.

use crate::system::{DataFolder, Ports, Settings};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
}

/// Migrates the databases of all services.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let settings = Settings::open(&args.folder.data, &Ports::standard())?;
    settings.migrate().await?;
    terminal::print("the tables of auth, stock and photo are up to date");
    Ok(())
}
