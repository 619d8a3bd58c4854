//! `demeter healthcheck`: is a service ready?

use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::terminal;

const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The readiness page to ask.
    #[arg(default_value = "http://127.0.0.1:9051/readyz")]
    url: String,
}

/// Fails unless the page answers with success.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(TIMEOUT).build()?;
    let answer = client
        .get(&args.url)
        .send()
        .await
        .with_context(|| format!("{} does not answer", args.url))?;
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    terminal::print(&text);
    if !status.is_success() {
        bail!("{} is not ready: {status}", args.url);
    }
    Ok(())
}
