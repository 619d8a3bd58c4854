//! `demeter gateway-files`: the gateway's settings, for an Envoy elsewhere.

use std::path::PathBuf;

use demeter_config::Env;

use crate::gateway::{self, Options};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder to write to; Envoy looks for them in /etc/demeter.
    #[arg(long)]
    out: PathBuf,
    /// The folder in which Envoy finds its certificate for the services: `tls.crt`,
    /// `tls.key` and `ca.crt`.
    #[arg(long, default_value = "/etc/mesh")]
    certificates: PathBuf,
}

/// Writes the settings as the environment says, the clusters of each environment and what they name.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let options = Options::from_env(&Env::from_process())?;
    gateway::write_files(&args.out, &args.certificates, &options)
}
