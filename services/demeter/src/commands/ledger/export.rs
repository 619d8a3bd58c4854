//! `demeter ledger export`: the ledger for a stranger to check.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::system::DataFolder;
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file to write; one that is there is not overwritten.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    folder: DataFolder,
}

/// Writes the file and says how to check it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let database = super::database(&args.folder)?;
    let shown = args.file.display();
    let file = File::create_new(&args.file).with_context(|| format!("cannot create {shown}"))?;
    let exported = demeter_stock::export_ledger(&database, BufWriter::new(file)).await?;
    terminal::print(&format!("{} lines in {shown}", exported.lines));
    terminal::print(&format!("head: {}", exported.head));
    terminal::progress("check it with: python3 docs/verify_ledger.py FILE HEAD");
    Ok(())
}
