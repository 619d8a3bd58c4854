//! Commands that bring data in and out of a running system.

mod demo;
mod places;

use clap::Subcommand;

use crate::client::Client;

#[derive(Subcommand)]
pub(super) enum Import {
    /// Imports greenhouses, beds and locations from GeoJSON, all or nothing.
    Places(places::Args),
    /// Fills a system with the demo nursery that `demeter up` has: places,
    /// catalogue, prices and what grows where. What is there stays.
    Demo(demo::Args),
}

/// The system that data are brought into, and as whom.
#[derive(clap::Args)]
struct Server {
    /// The gateway.
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    url: String,
    /// Who to sign in as.
    #[arg(long, default_value = "admin@demeter.local")]
    email: String,
    /// Their password.
    #[arg(long, env = "DEMETER_PASSWORD", hide_env_values = true)]
    password: String,
}

// === impl Server ===

impl Server {
    async fn sign_in(&self) -> anyhow::Result<Client> {
        Client::sign_in(&self.url, &self.email, &self.password).await
    }
}

pub(super) async fn import(what: Import) -> anyhow::Result<()> {
    match what {
        Import::Places(args) => places::run(&args).await,
        Import::Demo(args) => demo::run(&args).await,
    }
}
