//! What operators ask of the ledger, without a server.

use std::io::Write;

use anyhow::Context as _;

use crate::database::{Connection, snapshot};
use crate::proof::{Exported, Violation, export, violations};

/// Checks every law of the ledger over the whole database, in one state of it; tells
/// what breaks one.
pub async fn verify_ledger(database: &demeter_db::Config) -> anyhow::Result<Vec<Violation>> {
    let connection = open(database).await?;
    let tx = snapshot(&connection).await?;
    let found = violations(&tx).await;
    found.context(
        "cannot read the ledger: run `demeter migrate` first, when it is of an earlier version",
    )
}

/// Writes the ledger for a stranger to check, in one state of it.
pub async fn export_ledger(
    database: &demeter_db::Config,
    out: impl Write + Send,
) -> anyhow::Result<Exported> {
    let connection = open(database).await?;
    let tx = snapshot(&connection).await?;
    export(&tx, out).await.context("cannot export the ledger")
}

async fn open(database: &demeter_db::Config) -> anyhow::Result<Connection> {
    demeter_db::open(database, crate::app::SCHEMA)
        .await
        .context("cannot open the stock database")
}
