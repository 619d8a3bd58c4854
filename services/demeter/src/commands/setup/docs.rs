//! `demeter docs`: what is derived from the protos.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::openapi;
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder to write to.
    #[arg(long, default_value = "docs")]
    out: PathBuf,
}

/// Writes the derived documents into a folder.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    for (name, content) in documents()? {
        let path = args.out.join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        terminal::print(&path.display().to_string());
    }
    Ok(())
}

fn documents() -> anyhow::Result<[(&'static str, String); 3]> {
    let openapi = serde_json::to_string_pretty(&openapi::document())? + "\n";
    Ok([
        ("openapi.json", openapi),
        ("authorization.md", openapi::authorization_table()),
        ("api.md", openapi::reference()),
    ])
}
