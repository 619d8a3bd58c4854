//! `demeter migrate`: creates or updates every service's tables.

use crate::system::{DataFolder, migrate_alone};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
}

/// Migrates the databases of all services.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    migrate_alone(&args.folder.data).await?;
    terminal::print("the tables of auth, stock and photo are up to date");
    Ok(())
}
