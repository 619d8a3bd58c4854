//! `demeter docs`: what is derived from the protos.

use std::fs;

use anyhow::Context as _;

use crate::cli::DocsArgs;
use crate::openapi;

/// Writes the derived documents into a folder.
pub(crate) fn run(args: &DocsArgs) -> anyhow::Result<()> {
    for (name, content) in documents()? {
        let path = args.out.join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        crate::commands::print(&path.display().to_string());
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
