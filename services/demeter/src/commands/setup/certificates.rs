//! `demeter certificates`: what the members of a mesh show each other.

use std::path::PathBuf;
use std::time::Duration;

use demeter_certificates::MEMBERS;
use demeter_clock::Clock;

use crate::terminal;

const DAY: Duration = Duration::from_hours(24);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder of the authority, `ca.crt` and `ca.key`, which are made when they
    /// are not there; in it a folder for each member.
    #[arg(long)]
    out: PathBuf,
    /// Days that the certificates are good for.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

/// Makes a new certificate and key for each member of the mesh.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    demeter_certificates::write(&args.out, Clock::system().now().into(), DAY * args.days)?;
    for member in MEMBERS {
        terminal::print(&args.out.join(member).display().to_string());
    }
    Ok(())
}
