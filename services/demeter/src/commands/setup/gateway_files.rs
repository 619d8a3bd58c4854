//! `demeter gateway-files`: the gateway's settings, for an Envoy elsewhere.

use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder to write to; Envoy looks for them in /etc/demeter.
    #[arg(long)]
    out: PathBuf,
}

/// Writes the settings, the clusters of each environment and what they name.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    crate::gateway::write_files(&args.out)
}
