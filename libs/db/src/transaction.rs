//! Transactions that write, and their retry.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};

use crate::{Engine, Fault, classify, engine};

/// How long a SQLite writer of this process queues for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue of each SQLite file's writers.
static TURNS: LazyLock<Mutex<HashMap<PathBuf, Turn>>> = LazyLock::new(Mutex::default);

type Turn = Arc<tokio::sync::Mutex<()>>;

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
/// SQLite itself lets waiting writers poll, and some starve; so one at a time
/// asks it, and the others queue here without holding a connection.
pub async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let turn = match engine(connection) {
        Engine::Postgres => None,
        Engine::Sqlite => {
            let turn = tokio::time::timeout(TURN_TIMEOUT, turn(connection).lock_owned()).await;
            Some(turn.map_err(|_elapsed| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?)
        }
    };
    let transaction = connection.begin_with_options(options).await;
    drop(turn);
    transaction
}

fn turn(connection: &DatabaseConnection) -> Turn {
    let options = connection.get_sqlite_connection_pool().connect_options();
    let file = options.get_filename().to_owned();
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(turns.entry(file).or_default())
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
