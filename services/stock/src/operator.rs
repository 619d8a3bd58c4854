//! What operators ask of the ledger, without a server.

use std::io::Write;

use anyhow::Context as _;
use demeter_db::Engine;
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, IsolationLevel, TransactionTrait as _,
};

use crate::proof::{Exported, Violation, export, violations};

/// Checks every law of the ledger over the whole database, in one state of it; tells
/// what breaks one.
pub async fn verify_ledger(database: &demeter_db::Config) -> anyhow::Result<Vec<Violation>> {
    let connection = open(database).await?;
    let tx = one_state(&connection).await?;
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
    let tx = one_state(&connection).await?;
    export(&tx, out).await.context("cannot export the ledger")
}

async fn open(database: &demeter_db::Config) -> anyhow::Result<DatabaseConnection> {
    demeter_db::open(database, crate::app::SCHEMA)
        .await
        .context("cannot open the stock database")
}

/// A transaction that sees nothing of what others write meanwhile.
async fn one_state(connection: &DatabaseConnection) -> anyhow::Result<DatabaseTransaction> {
    Ok(match demeter_db::engine(connection) {
        // What it reads first fixes what it sees.
        Engine::Sqlite => connection.begin().await?,
        Engine::Postgres => {
            let isolation = Some(IsolationLevel::RepeatableRead);
            let access = Some(AccessMode::ReadOnly);
            connection.begin_with_config(isolation, access).await?
        }
    })
}
