//! For tests: a database per test, on every engine that is there, the files
//! beside the repository, [one line](skip) for whatever is skipped, and the end of
//! a service whose part has ended.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a failed set-up should panic"
)]
#![expect(clippy::print_stderr, reason = "a skipped test has to say so")]

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use demeter_service::Service;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Why a test, or a part of one, does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A program or a server that `make test` fetches or starts: `make ci` fails.
    NotPrepared,
    /// Data that is not in the repository, or a device that most machines lack.
    NotHere,
}

/// Says that something is skipped: `what` and because of what. The line goes to
/// standard error and to the file that `DEMETER_SKIPPED` names, since runners hide
/// what a passing test prints; `make test` lists them at its end.
pub fn skip(lack: Lack, what: &str) {
    let lack = match lack {
        Lack::NotPrepared => "not prepared",
        Lack::NotHere => "not here",
    };
    let line = format!("skipped ({lack}): {what}\n");
    eprint!("{line}");
    if let Some(file) = variable("DEMETER_SKIPPED") {
        // Appended at once, because tests of many processes write here.
        let file = File::options().create(true).append(true).open(file);
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .expect("the file of DEMETER_SKIPPED");
    }
}

/// An empty database for one test; it goes when this does.
pub struct TestDatabase {
    url: String,
    /// Name of the engine, for messages.
    pub engine: &'static str,
    /// Keeps the folder of an SQLite file until the test ends.
    _folder: Option<TempDir>,
}

// === impl TestDatabase ===

impl TestDatabase {
    /// A new SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        // Its owner's alone, as services ask for, whoever writes into it first.
        let mut options = File::options();
        options.create_new(true).write(true).mode(0o600);
        options.open(&path).expect("an empty file");
        let url = format!("sqlite://{}", path.display());
        Self {
            url,
            engine: "SQLite",
            _folder: Some(folder),
        }
    }

    /// A new PostgreSQL database with PostGIS, if `DATABASE_URL` names a server
    /// where one may be created. `make test` removes the whole server after.
    pub async fn postgres() -> Option<Self> {
        let Some(server) = variable("DATABASE_URL").filter(|url| url.starts_with("postgres"))
        else {
            skip(
                Lack::NotPrepared,
                "PostgreSQL, because DATABASE_URL is not set",
            );
            return None;
        };
        let name = format!("demeter_test_{}", random_id().simple());
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect(&server)
            .await
            .expect("the server of DATABASE_URL");
        create(&pool, &name).await;
        pool.close().await;
        Some(Self {
            url: with_database(&server, &name),
            engine: "PostgreSQL",
            _folder: None,
        })
    }

    /// One of each engine that is there.
    pub async fn all() -> Vec<Self> {
        let mut databases = vec![Self::sqlite()];
        databases.extend(Self::postgres().await);
        databases
    }

    /// For `DATABASE_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Copying a template that has PostGIS takes a fraction of installing it.
async fn create(pool: &PgPool, name: &str) {
    let mut connection = pool.acquire().await.expect("a connection");
    sqlx::query("SELECT pg_advisory_lock(716253)")
        .execute(&mut *connection)
        .await
        .expect("the lock");
    let exists: Option<i32> =
        sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = 'demeter_test_template'")
            .fetch_optional(&mut *connection)
            .await
            .expect("the list of databases");
    if exists.is_none() {
        sqlx::query("CREATE DATABASE demeter_test_template")
            .execute(&mut *connection)
            .await
            .expect("the template");
        let url = with_database(
            &variable("DATABASE_URL").expect("set"),
            "demeter_test_template",
        );
        let template = PgPoolOptions::new()
            .max_connections(1)
            .connect(&url)
            .await
            .expect("the template");
        sqlx::query("CREATE EXTENSION postgis")
            .execute(&template)
            .await
            .expect("PostGIS on the server");
        template.close().await;
    }
    let create = format!("CREATE DATABASE {name} TEMPLATE demeter_test_template");
    sqlx::query(AssertSqlSafe(create))
        .execute(&mut *connection)
        .await
        .expect("the test's database");
    sqlx::query("SELECT pg_advisory_unlock(716253)")
        .execute(&mut *connection)
        .await
        .expect("the lock");
}

fn with_database(server: &str, name: &str) -> String {
    let (base, query) = server
        .split_once('?')
        .map_or((server, None), |(base, query)| (base, Some(query)));
    let host = base.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    query.map_or_else(
        || format!("{host}/{name}"),
        |query| format!("{host}/{name}?{query}"),
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests take their servers from the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[expect(clippy::disallowed_methods, reason = "only has to be unique")]
fn random_id() -> Uuid {
    Uuid::now_v7()
}

/// Builds the service once for each of its servers and workers, kills that one
/// while all run, and expects the whole service to end with an error that names
/// it, within a second.
pub async fn ends_with_any_of_its_parts(build: impl AsyncFn() -> Service) {
    let first = build().await.handle();
    let parts: Vec<_> = first.names().map(str::to_owned).collect();
    assert!(parts.len() >= 2, "two servers at least: {parts:?}");
    for part in parts {
        let service = build().await;
        let handle = service.handle();
        let serving = service.serve(CancellationToken::new());
        let killing = async {
            tokio::task::yield_now().await;
            assert!(handle.kill(&part));
        };
        let ended = async { tokio::join!(serving, killing).0 };
        let ended = tokio::time::timeout(Duration::from_secs(1), ended).await;
        let outcome = ended.unwrap_or_else(|_elapsed| panic!("it runs on without its {part}"));
        let error = format!("{:#}", outcome.expect_err("an error"));
        assert!(error.contains(&part), "{error:?} does not name the {part}");
    }
}

/// What the service says about its readiness while it serves.
pub async fn readiness(service: Service) -> String {
    let (ops, shutdown) = (service.ops_addr(), CancellationToken::new());
    let asking = async {
        let (_status, text) = page(ops, "/readyz").await;
        shutdown.cancel();
        text
    };
    tokio::join!(service.serve(shutdown.clone()), asking).1
}

/// The status and the text of a page over plain HTTP.
pub async fn page(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("a listener");
    let request = format!("GET {path} HTTP/1.1\r\nhost: ops\r\nconnection: close\r\n\r\n");
    let sent = stream.write_all(request.as_bytes()).await;
    sent.expect("the request is taken");
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer).await;
    read.expect("an answer of text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("a status"), body.to_owned())
}

/// A file of the data that lies beside the repository (`../shared`, or where
/// `DEMETER_SHARED` says). Without it, says that the test is skipped.
pub fn shared_file(path: &str) -> Option<PathBuf> {
    let found = shared_folder().join(path);
    if found.exists() {
        return Some(found);
    }
    let why = format!("{path} of the data beside the repository, which is not there");
    skip(Lack::NotHere, &why);
    None
}

fn shared_folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    variable("DEMETER_SHARED").map_or_else(beside, PathBuf::from)
}
