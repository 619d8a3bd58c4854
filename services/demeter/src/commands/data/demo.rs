//! `demeter import demo`: the demo nursery for a system that runs elsewhere.

use super::Server;
use crate::nursery;
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    server: Server,
}

/// Makes the demo nursery, as far as it is not there yet.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let client = args.server.sign_in().await?;
    nursery::ensure(&client).await?;
    terminal::print("the demo nursery is there");
    Ok(())
}
