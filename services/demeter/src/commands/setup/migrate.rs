//! `demeter migrate`: creates or updates every service's tables.

use crate::cli::DataArgs;
use crate::system::{Ports, Settings};

/// Migrates the databases of all services.
pub(crate) async fn run(args: &DataArgs) -> anyhow::Result<()> {
    let settings = Settings::open(&args.data, &Ports::standard())?;
    settings.migrate().await?;
    crate::commands::print("the tables of auth, stock and photo are up to date");
    Ok(())
}
