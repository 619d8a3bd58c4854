//! Connection pools, set up the same way for every service.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use url::Url;

use crate::{Error, Fault, classify};

/// How long a caller waits for a free connection before it is told
/// [`Fault::Unavailable`].
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Longer statements are a fault of ours; PostgreSQL ends them.
const STATEMENT_TIMEOUT: &str = "30000";

/// A writer that waits longer for a row lock gives up.
const LOCK_TIMEOUT: &str = "10000";

/// How long a SQLite writer waits for the one before it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a service's tables are.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite:///abs/path.db`, or `postgres://user:password@host/database`.
    pub url: SecretString,
    /// Connections of this process; at least 2.
    pub max_connections: u32,
}

/// The two databases that Demeter speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file: the embedded default.
    Sqlite,
    /// A server: production.
    Postgres,
}

/// Which engine a connection or transaction speaks to.
pub fn engine(connection: &impl ConnectionTrait) -> Engine {
    match connection.get_database_backend() {
        DbBackend::Postgres => Engine::Postgres,
        // MySQL is not compiled in.
        _ => Engine::Sqlite,
    }
}

/// Opens a pool whose connections all look into `schema`.
///
/// PostgreSQL: `search_path` is `schema,public`; only [`migrate`](crate::migrate())
/// creates the schema. SQLite: the file is the schema, and is created.
pub async fn open(config: &Config, schema: &str) -> Result<DatabaseConnection, Error> {
    let options = match engine_of(config)? {
        Engine::Sqlite => sqlite(config)?,
        Engine::Postgres => postgres(config, schema, STATEMENT_TIMEOUT)?,
    };
    connect(config, options).await
}

/// Connects, or says which server does not answer.
pub(crate) async fn connect(
    config: &Config,
    options: ConnectOptions,
) -> Result<DatabaseConnection, Error> {
    match Database::connect(options).await {
        Err(error) if classify(&error) == Fault::Unavailable => Err(unreachable(config, error)),
        outcome => Ok(outcome?),
    }
}

/// Who has the URL's password need not be told it by a message.
fn unreachable(config: &Config, source: DbErr) -> Error {
    let Ok(url) = Url::parse(config.url.expose_secret()) else {
        return source.into();
    };
    let (Some(host), database) = (url.host_str(), url.path()) else {
        return source.into();
    };
    let port = url.port().unwrap_or(5432);
    let server = format!("{host}:{port}{database}");
    Error::Unreachable { server, source }
}

pub(crate) fn engine_of(config: &Config) -> Result<Engine, Error> {
    let url = config.url.expose_secret();
    if url.starts_with("sqlite:") {
        Ok(Engine::Sqlite)
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Engine::Postgres)
    } else {
        Err(Error::UnknownEngine)
    }
}

pub(crate) fn sqlite(config: &Config) -> Result<ConnectOptions, Error> {
    if let Some(path) = sqlite_path(config) {
        keep_private(&path)?;
    }
    let mut options = pool(config);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL this survives the end of the process at any point; only
            // a power cut can take the last commits.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT)
    });
    Ok(options)
}

pub(crate) fn postgres(
    config: &Config,
    schema: &str,
    statement_timeout: &'static str,
) -> Result<ConnectOptions, Error> {
    let search_path = format!("{},public", checked_schema(schema)?);
    let mut options = pool(config);
    options.map_sqlx_postgres_opts(move |options| {
        options.options([
            ("search_path", search_path.as_str()),
            ("statement_timeout", statement_timeout),
            ("lock_timeout", LOCK_TIMEOUT),
            ("timezone", "UTC"),
        ])
    });
    Ok(options)
}

/// Makes the file, and the folders to it, for its owner only, or takes one that is.
/// SQLite gives the files beside it the same mode.
fn keep_private(path: &Path) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        let mut making = DirBuilder::new();
        making.recursive(true).mode(0o700);
        making.create(folder).map_err(Error::Folder)?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::Folder)?;
    let mode = file.metadata().map_err(Error::Folder)?.mode();
    if mode & 0o077 != 0 {
        return Err(Error::OpenToOthers(path.to_owned()));
    }
    Ok(())
}

fn pool(config: &Config) -> ConnectOptions {
    // sea-orm knows the short scheme only.
    let url = config
        .url
        .expose_secret()
        .replacen("postgresql://", "postgres://", 1);
    let mut options = ConnectOptions::new(url);
    options
        .min_connections(0)
        .max_connections(config.max_connections.max(2))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false);
    options
}

/// A schema name that is safe inside SQL.
pub(crate) fn checked_schema(schema: &str) -> Result<&str, Error> {
    let safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if schema.is_empty() || !schema.bytes().all(safe) {
        return Err(Error::SchemaName(schema.to_owned()));
    }
    Ok(schema)
}

fn sqlite_path(config: &Config) -> Option<PathBuf> {
    let url = config.url.expose_secret();
    let path = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next()?;
    Path::new(path)
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())?;
    Some(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn config(url: &str) -> Config {
        Config {
            url: url.to_owned().into(),
            max_connections: 2,
        }
    }

    #[test]
    fn another_engine_is_refused() {
        assert!(matches!(
            engine_of(&config("mysql://x")),
            Err(Error::UnknownEngine)
        ));
    }

    #[tokio::test]
    async fn a_file_is_its_owners_alone_or_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/auth.db");
        let config = config(&format!("sqlite://{}", path.display()));
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;

        let connection = open(&config, "auth").await.unwrap();
        let table = "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('b')";
        connection.execute_unprepared(table).await.unwrap();

        assert_eq!(mode(path.parent().unwrap()), 0o700);
        for file in path.parent().unwrap().read_dir().unwrap() {
            let file = file.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
        connection.close().await.unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let refused = open(&config, "auth").await.unwrap_err().to_string();
        assert!(
            refused.contains(&format!("chmod go= {}", path.display())),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_named_without_its_password() {
        // Port 1 of loopback has no listener.
        let config = config("postgres://ana:s3cret@127.0.0.1:1/nursery");

        let error = open(&config, "auth").await.unwrap_err();

        let told = error.to_string();
        assert!(told.contains("at 127.0.0.1:1/nursery: start it"), "{told}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }

    #[test]
    fn a_schema_name_cannot_carry_sql() {
        for name in ["", "a b", "a;drop", "A", "a\"b", "a-b"] {
            assert!(
                matches!(checked_schema(name), Err(Error::SchemaName(_))),
                "{name}"
            );
        }
        assert_eq!(checked_schema("stock_2").unwrap(), "stock_2");
    }
}
