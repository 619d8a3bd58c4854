//! Transactions that write, and their retry.

use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};

use crate::{Fault, classify};

/// How often a conflicting transaction is run before its error stands.
const ATTEMPTS: u32 = 5;

/// The wait before the second attempt; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// An error that can say whether the same work, run again, may succeed.
pub trait Conflict {
    /// True when another transaction was in the way, and nothing was changed.
    fn is_conflict(&self) -> bool;
}

impl Conflict for DbErr {
    fn is_conflict(&self) -> bool {
        classify(self) == Fault::Serialization
    }
}

/// Begins a transaction that will write. Dropped without a commit, it is undone.
///
/// On SQLite it takes the one writer's place at once (BEGIN IMMEDIATE): a
/// transaction that read first and wrote later could not wait for its turn.
pub async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(options).await
}

/// Runs work that is one transaction, again while it meets a conflict.
///
/// ```ignore
/// retry(|| async {
///     let tx = begin(&connection).await?;
///     // read, decide, write
///     tx.commit().await?;
///     Ok(answer)
/// }).await
/// ```
pub async fn retry<T, E, F>(attempt: impl Fn() -> F) -> Result<T, E>
where
    E: Conflict,
    F: Future<Output = Result<T, E>>,
{
    let mut wait = FIRST_WAIT;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if error.is_conflict() => {}
            outcome => return outcome,
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    attempt().await
}
