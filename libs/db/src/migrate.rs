//! Forward migrations, one service at a time.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement, TransactionTrait as _};
use sea_orm_migration::MigratorTrait;

use crate::open::{checked_schema, connect, engine_of, postgres, sqlite};
use crate::{Config, Engine, Error, Fault, classify, engine};

/// A migration may rewrite a large table.
const NO_STATEMENT_TIMEOUT: &str = "0";

/// The key of the advisory lock that lets one migrator in at a time ("DEME").
const LOCK: i64 = 0x4445_4d45;

/// Why a service cannot work on its database.
#[derive(Debug, thiserror::Error)]
pub enum Unmigrated {
    /// A migration has not run yet.
    #[error("the tables lack {0}: run `demeter migrate`")]
    Missing(String),
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Unavailable(#[source] sea_orm::DbErr),
}

/// Brings the tables of one service up to date; does nothing when they are.
///
/// PostgreSQL: creates `schema` when it is missing, and waits while another
/// process migrates the same database.
pub async fn migrate<M: MigratorTrait>(config: &Config, schema: &str) -> Result<(), Error> {
    match engine_of(config)? {
        Engine::Sqlite => {
            let connection = connect(config, sqlite(config)?).await?;
            M::up(&connection, None).await?;
            connection.close().await?;
        }
        Engine::Postgres => {
            let options = postgres(config, schema, NO_STATEMENT_TIMEOUT)?;
            let connection = connect(config, options).await?;
            migrate_schema::<M>(&connection, schema).await?;
            connection.close().await?;
        }
    }
    tracing::info!(db.schema = schema, "migrated");
    Ok(())
}

/// Whether the tables of one service are there and as new as this program.
///
/// Newer ones are fine: migrations only ever add, and the next version migrates
/// while this one still runs.
pub async fn check_migrated<M: MigratorTrait>(
    connection: &DatabaseConnection,
    schema: &str,
) -> Result<(), Unmigrated> {
    let applied = applied(connection, schema).await?;
    let missing = M::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .find(|name| !applied.contains(name));
    missing.map_or(Ok(()), |name| Err(Unmigrated::Missing(name)))
}

/// The names of the migrations that have run; none, when their table is missing.
async fn applied(
    connection: &DatabaseConnection,
    schema: &str,
) -> Result<BTreeSet<String>, Unmigrated> {
    let table = match engine(connection) {
        Engine::Sqlite => "seaql_migrations".to_owned(),
        // The search path would also find a table of that name in `public`.
        Engine::Postgres => format!("{schema}.seaql_migrations"),
    };
    let sql = format!("SELECT version FROM {table}");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = match connection.query_all_raw(statement).await {
        Ok(rows) => rows,
        Err(error) if classify(&error) == Fault::Unavailable => {
            return Err(Unmigrated::Unavailable(error));
        }
        Err(_no_such_table) => return Ok(BTreeSet::new()),
    };
    let names = rows.iter().map(|row| row.try_get("", "version"));
    names
        .collect::<Result<_, _>>()
        .map_err(Unmigrated::Unavailable)
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
    create_schema(connection, schema).await?;
    M::up(connection, None).await?;
    guard.commit().await?;
    Ok(())
}

/// Creates the schema when it is missing. To ask first is not the same as IF NOT EXISTS,
/// which a role that may create none is refused.
async fn create_schema(connection: &DatabaseConnection, schema: &str) -> Result<(), Error> {
    let schema = checked_schema(schema)?;
    let found = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT 1 FROM pg_namespace WHERE nspname = $1",
        [schema.into()],
    );
    if connection.query_one_raw(found).await?.is_some() {
        return Ok(());
    }
    let create = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
    match connection.execute_unprepared(&create).await {
        Ok(_) => Ok(()),
        // Two sessions that create it at once: the second one's catalogue row clashes.
        Err(error) if matches!(classify(&error), Fault::Unique { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
