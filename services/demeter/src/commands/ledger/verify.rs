//! `demeter ledger verify`: every law of the ledger, over the whole database.

use tokio::time::Instant;

use crate::system::DataFolder;
use crate::terminal;

/// Of one law so many violations are printed.
const MOST: usize = 20;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
}

/// Checks the ledger and says what is wrong with it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let began = Instant::now();
    let found = demeter_stock::verify_ledger(&super::database(&args.folder)?).await?;
    for law in demeter_stock::LAWS {
        let broken: Vec<_> = found.iter().filter(|one| one.law == *law).collect();
        let said = if broken.is_empty() { "true" } else { "BROKEN" };
        terminal::print(&format!("{said:>7}  {}", law.says));
        for one in broken.iter().take(MOST) {
            terminal::print(&format!("         {} {}: {}", law.of, one.key, one.detail));
        }
        if broken.len() > MOST {
            terminal::print(&format!("         and {} more", broken.len() - MOST));
        }
    }
    let (laws, seconds) = (demeter_stock::LAWS.len(), began.elapsed().as_secs_f64());
    anyhow::ensure!(
        found.is_empty(),
        "the ledger breaks its laws in {} places: keep this database as it is, restore a backup \
         beside it, and compare",
        found.len()
    );
    terminal::print(&format!("all {laws} laws hold ({seconds:.1} s)"));
    Ok(())
}
