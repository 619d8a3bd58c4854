//! Commands that bring data in and out of a running system.

mod places;

use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Import {
    /// Imports greenhouses, beds and locations from GeoJSON, all or nothing.
    Places(places::Args),
}

pub(super) async fn import(what: Import) -> anyhow::Result<()> {
    match what {
        Import::Places(args) => places::run(&args).await,
    }
}
