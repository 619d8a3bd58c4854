//! Forward migrations, one service at a time.

use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, Statement, TransactionTrait as _,
};
use sea_orm_migration::MigratorTrait;

use crate::open::{checked_schema, engine_of, postgres, sqlite};
use crate::{Config, Engine, Error, Fault, classify};

/// A migration may rewrite a large table.
const NO_STATEMENT_TIMEOUT: &str = "0";

/// The key of the advisory lock that lets one migrator in at a time ("DEME").
const LOCK: i64 = 0x4445_4d45;

/// Brings the tables of one service up to date; does nothing when they are.
///
/// PostgreSQL: creates `schema` when it is missing, and waits while another
/// process migrates the same database.
pub async fn migrate<M: MigratorTrait>(config: &Config, schema: &str) -> Result<(), Error> {
    match engine_of(config)? {
        Engine::Sqlite => {
            let connection = Database::connect(sqlite(config)?).await?;
            M::up(&connection, None).await?;
            connection.close().await?;
        }
        Engine::Postgres => {
            let connection =
                Database::connect(postgres(config, schema, NO_STATEMENT_TIMEOUT)?).await?;
            migrate_schema::<M>(&connection, schema).await?;
            connection.close().await?;
        }
    }
    tracing::info!(db.schema = schema, "migrated");
    Ok(())
}

async fn migrate_schema<M: MigratorTrait>(
    connection: &DatabaseConnection,
    schema: &str,
) -> Result<(), Error> {
    let guard = connection.begin().await?;
    // A migrator that comes second waits as long as it takes.
    guard
        .execute_unprepared("SET LOCAL lock_timeout = 0")
        .await?;
    let lock = Statement::from_sql_and_values(
        guard.get_database_backend(),
        "SELECT pg_advisory_xact_lock($1)",
        [LOCK.into()],
    );
    guard.execute_raw(lock).await?;
    let create = format!("CREATE SCHEMA IF NOT EXISTS {}", checked_schema(schema)?);
    match connection.execute_unprepared(&create).await {
        Ok(_) => {}
        // Two sessions that create it at once: the second one's catalogue row clashes.
        Err(error) if matches!(classify(&error), Fault::Unique { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    M::up(connection, None).await?;
    guard.commit().await?;
    Ok(())
}
