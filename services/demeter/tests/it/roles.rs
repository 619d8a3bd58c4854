//! A database role for each service: what each reaches, and what it is refused.

use std::process::Command;

use demeter_testkit::TestDatabase;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};

const SERVICES: [&str; 3] = ["auth", "stock", "photo"];
/// SQLSTATE of what a role may not do.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// A nursery's database, and the URL of each service's own role in it.
struct Nursery {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

// === impl Nursery ===

impl Nursery {
    /// Roles live beside the databases of a server: each test's have its own names.
    fn role(&self, service: &str) -> String {
        let (_, unique) = self.database.url().rsplit_once("_test_").unwrap();
        format!("{service}_{}", unique.split('?').next().unwrap())
    }

    fn url(&self, service: &str) -> String {
        let (_, rest) = self.database.url().split_once('@').unwrap();
        format!("postgres://{}:it%27s-{service}@{rest}", self.role(service))
    }

    /// Runs the operator's binary with these settings and no others.
    fn demeter(&self, arguments: &[&str], settings: &[(String, String)]) {
        let output = Command::new(env!("CARGO_BIN_EXE_demeter"))
            .args(arguments)
            .env_clear()
            .envs(settings.iter().cloned())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        assert!(!told.contains("it's-"), "no password is told: {told}");
    }

    fn settings(&self) -> Vec<(String, String)> {
        let own = |service: &str| {
            let name = format!("{}_DATABASE_URL", service.to_uppercase());
            (name, self.url(service))
        };
        SERVICES.map(own).to_vec()
    }

    async fn connect(&self, url: &str) -> PgPool {
        PgPoolOptions::new()
            .max_connections(1)
            .connect(url)
            .await
            .unwrap()
    }

    /// Every table of the services with its schema and its owner.
    async fn tables(&self) -> Vec<(String, String, String)> {
        let administrator = self.connect(self.database.url()).await;
        sqlx::query_as(
            "SELECT schemaname, tablename, tableowner FROM pg_tables \
             WHERE schemaname IN ('auth', 'stock', 'photo')",
        )
        .fetch_all(&administrator)
        .await
        .unwrap()
    }
}

/// What a statement is refused with, if it is.
async fn refusal(pool: &PgPool, sql: &str) -> Option<String> {
    let outcome = sqlx::query(AssertSqlSafe(sql.to_owned())).execute(pool);
    let error = outcome.await.err()?;
    let error = error.as_database_error().unwrap();
    Some(error.code().unwrap().into_owned())
}

/// An installation whose services shared one URL goes over to three.
#[tokio::test]
async fn each_service_reaches_its_own_tables_and_no_others() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let nursery = Nursery { database, folder };
    let shared = ("DATABASE_URL".to_owned(), nursery.database.url().to_owned());
    nursery.demeter(&["migrate"], &[shared]);

    let mut settings = nursery.settings();
    let administrator = nursery.database.url().to_owned();
    settings.push(("DATABASE_ADMIN_URL".to_owned(), administrator));
    nursery.demeter(&["create-roles"], &settings);
    nursery.demeter(&["create-roles"], &settings);
    settings.pop();
    nursery.demeter(&["migrate"], &settings);
    // The tables need no keys, and whoever makes them need not hold any.
    assert!(!nursery.folder.path().join("data/secrets").exists());

    let tables = nursery.tables().await;
    for service in SERVICES {
        let pool = nursery.connect(&nursery.url(service)).await;
        let mut own = 0;
        for (schema, table, owner) in &tables {
            assert_eq!(*owner, nursery.role(schema), "{schema}.{table}");
            let mine = schema == service;
            own += usize::from(mine);
            for sql in [
                format!("SELECT count(*) FROM {schema}.{table}"),
                format!("DELETE FROM {schema}.{table} WHERE false"),
                format!("TRUNCATE {schema}.{table} CASCADE"),
                format!("ALTER TABLE {schema}.{table} ADD COLUMN taken INTEGER"),
            ] {
                if mine && !sql.starts_with("SELECT") {
                    continue;
                }
                let expected = (!mine).then(|| INSUFFICIENT_PRIVILEGE.to_owned());
                assert_eq!(refusal(&pool, &sql).await, expected, "{service}: {sql}");
            }
        }
        assert!(own >= 3, "{service} has {own} tables");
        for sql in elsewhere(&nursery, service) {
            let told = refusal(&pool, &sql).await;
            assert_eq!(
                told.as_deref(),
                Some(INSUFFICIENT_PRIVILEGE),
                "{service}: {sql}"
            );
        }
    }
}

/// Ways around the tables themselves.
fn elsewhere(nursery: &Nursery, service: &str) -> Vec<String> {
    let other = SERVICES
        .into_iter()
        .find(|other| *other != service)
        .unwrap();
    vec![
        format!("SET ROLE {}", nursery.role(other)),
        format!("CREATE TABLE {other}.mine (n INTEGER)"),
        format!("GRANT ALL ON SCHEMA {other} TO {}", nursery.role(service)),
        "CREATE TABLE public.everybodys (n INTEGER)".to_owned(),
        "CREATE SCHEMA another".to_owned(),
        "CREATE ROLE another".to_owned(),
        "CREATE DATABASE another".to_owned(),
        "CREATE TEMPORARY TABLE another (n INTEGER)".to_owned(),
        "COPY (SELECT 1) TO PROGRAM 'true'".to_owned(),
    ]
}
