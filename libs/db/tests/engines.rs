//! The promises of this crate, kept by real databases.
#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

use std::sync::atomic::{AtomicU32, Ordering};

use demeter_db::{
    Config, Engine, Fault, How, Key, Listing, Page, begin, classify, engine, migrate, once, open,
    retry,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait as _, Statement,
};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};

struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m0001_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT NOT NULL, \
                     n INTEGER NOT NULL CONSTRAINT parents_n_not_negative CHECK (n >= 0), UNIQUE (code));\
                   CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parents (id));";
        for statement in sql.split_inclusive(';') {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Tables)]
    }
}

/// SQLite in a new folder, and PostgreSQL in a new schema when there is one.
async fn engines(schema: &str) -> Vec<(Config, DatabaseConnection, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/new/test.db", folder.path().display());
    let mut configs = vec![(
        Config {
            url: url.into(),
            max_connections: 8,
        },
        Some(folder),
    )];
    #[expect(
        clippy::disallowed_methods,
        reason = "the test run says where PostgreSQL is"
    )]
    match std::env::var("DATABASE_URL") {
        Ok(url) if url.starts_with("postgres") => {
            configs.push((
                Config {
                    url: url.into(),
                    max_connections: 8,
                },
                None,
            ));
        }
        _ => demeter_testkit::skip(
            demeter_testkit::Lack::NotPrepared,
            "PostgreSQL, because DATABASE_URL is not set",
        ),
    }
    let mut opened = Vec::new();
    for (config, folder) in configs {
        if folder.is_none() {
            let connection = open(&config, schema).await.unwrap();
            connection
                .execute_unprepared(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
                .await
                .unwrap();
        }
        migrate::<Migrator>(&config, schema).await.unwrap();
        let connection = open(&config, schema).await.unwrap();
        opened.push((config, connection, folder));
    }
    opened
}

async fn fault(connection: &DatabaseConnection, sql: &str) -> Fault {
    classify(&connection.execute_unprepared(sql).await.unwrap_err())
}

#[tokio::test]
async fn every_constraint_has_one_name_on_both_engines() {
    for (_, connection, _folder) in engines("db_constraints").await {
        connection
            .execute_unprepared("INSERT INTO parents VALUES (1, 'A', 1)")
            .await
            .unwrap();

        let twice = fault(&connection, "INSERT INTO parents VALUES (2, 'A', 1)").await;
        let below = fault(&connection, "UPDATE parents SET n = -1").await;
        let orphan = fault(&connection, "INSERT INTO children VALUES (1, 9)").await;
        let parent = fault(&connection, "CREATE TABLE x (").await;

        assert_eq!(
            twice,
            Fault::Unique {
                constraint: "parents_code_key".into()
            }
        );
        assert_eq!(
            below,
            Fault::Check {
                constraint: "parents_n_not_negative".into()
            }
        );
        assert!(matches!(orphan, Fault::ForeignKey { .. }), "{orphan:?}");
        assert_eq!(parent, Fault::Other);
    }
}

#[tokio::test]
async fn migrating_twice_and_at_once_is_migrating_once() {
    for (config, _connection, _folder) in engines("db_migrate").await {
        let (first, second) = tokio::join!(
            migrate::<Migrator>(&config, "db_migrate"),
            migrate::<Migrator>(&config, "db_migrate")
        );

        first.unwrap();
        second.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_become_writers_do_not_lose_an_update() {
    for (_, connection, _folder) in engines("db_writers").await {
        connection
            .execute_unprepared("INSERT INTO parents VALUES (1, 'A', 0)")
            .await
            .unwrap();
        let lock = if engine(&connection) == Engine::Postgres {
            " FOR UPDATE"
        } else {
            ""
        };

        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let connection = connection.clone();
            tasks.spawn(async move { retry(|| add_one(&connection, lock)).await });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap().unwrap();
        }

        assert_eq!(read(&connection, "").await.unwrap(), 16);
    }
}

async fn add_one(connection: &DatabaseConnection, lock: &str) -> Result<(), DbErr> {
    let tx = begin(connection).await?;
    let n = read(&tx, lock).await?;
    tx.execute_unprepared(&format!("UPDATE parents SET n = {}", n + 1))
        .await?;
    tx.commit().await
}

async fn read(connection: &impl ConnectionTrait, lock: &str) -> Result<i32, DbErr> {
    let sql = format!("SELECT n FROM parents{lock}");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection
        .query_one_raw(statement)
        .await?
        .unwrap()
        .try_get("", "n")
}

#[tokio::test]
async fn a_dropped_transaction_is_undone() {
    for (_, connection, _folder) in engines("db_dropped").await {
        let tx = begin(&connection).await.unwrap();
        tx.execute_unprepared("INSERT INTO parents VALUES (1, 'A', 0)")
            .await
            .unwrap();
        drop(tx);

        connection
            .execute_unprepared("INSERT INTO parents VALUES (1, 'A', 0)")
            .await
            .unwrap();
    }
}

/// A write that adds a parent, whose code is its key.
struct AddParent {
    code: &'static str,
    is_rehearsal: bool,
}

fn add(code: &'static str) -> AddParent {
    AddParent {
        code,
        is_rehearsal: false,
    }
}

impl Key for AddParent {
    type Answer = i32;
    type Error = DbErr;

    async fn answered(&self, tx: &DatabaseTransaction) -> Result<Option<i32>, DbErr> {
        let sql = format!("SELECT n FROM parents WHERE code = '{}'", self.code);
        let statement = Statement::from_string(tx.get_database_backend(), sql);
        let row = tx.query_one_raw(statement).await?;
        row.map(|row| row.try_get("", "n")).transpose()
    }

    async fn remember(&self, tx: &DatabaseTransaction, answer: &i32) -> Result<(), DbErr> {
        let sql = format!("INSERT INTO parents VALUES (1, '{}', {answer})", self.code);
        tx.execute_unprepared(&sql).await.map(drop)
    }

    fn is_rehearsal(&self) -> bool {
        self.is_rehearsal
    }
}

#[tokio::test]
async fn a_write_is_done_once_and_its_answer_told_again() {
    for (_, connection, _folder) in engines("db_once").await {
        let (key, done) = (add("A"), AtomicU32::new(0));
        let work = |_tx| async {
            done.fetch_add(1, Ordering::Relaxed);
            Ok(7)
        };

        let first = once(&connection, &key, work).await.unwrap();
        let again = once(&connection, &key, work).await.unwrap();

        assert_eq!((first.answer, again.answer), (7, 7));
        assert_eq!((first.how, again.how), (How::Done, How::Repeated));
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_write_that_fails_leaves_its_key_unused() {
    for (_, connection, _folder) in engines("db_once_failed").await {
        let key = add("A");

        let failed = once(&connection, &key, |tx| async move {
            tx.execute_unprepared("INSERT INTO parents VALUES (2, 'B', 0)")
                .await?;
            Err(DbErr::Custom("no".to_owned()))
        })
        .await;

        assert!(failed.is_err());
        let done = once(&connection, &key, |_tx| async { Ok(7) }).await;
        assert_eq!(done.map(|once| once.answer), Ok(7));
        let rows = parent::Entity::find().all(&connection).await.unwrap();
        assert_eq!(rows.len(), 1);
    }
}

#[tokio::test]
async fn a_write_that_is_rehearsed_tells_its_answer_and_leaves_nothing() {
    for (_, connection, _folder) in engines("db_rehearsal").await {
        let key = AddParent {
            is_rehearsal: true,
            ..add("A")
        };
        let work = |tx: std::sync::Arc<DatabaseTransaction>| async move {
            tx.execute_unprepared("INSERT INTO parents VALUES (2, 'B', 0)")
                .await?;
            Ok(7)
        };

        let rehearsed = once(&connection, &key, work).await.unwrap();
        let left = parent::Entity::find().all(&connection).await.unwrap();
        let done = once(&connection, &add("A"), work).await.unwrap();
        let after = once(&connection, &key, work).await.unwrap();

        assert_eq!((rehearsed.answer, rehearsed.how), (7, How::Rehearsed));
        assert_eq!(left, []);
        assert_eq!((done.how, after.how), (How::Done, How::Repeated));
    }
}

#[expect(unreachable_pub, reason = "the derive makes public items")]
mod parent {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "parents")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub code: String,
        pub n: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::test]
async fn pages_tell_every_row_once_in_either_direction() {
    for (_, connection, _folder) in engines("db_pages").await {
        connection
            .execute_unprepared(
                "INSERT INTO parents VALUES (1, 'B', 1), (2, 'A', 1), (3, 'E', 0), (4, 'D', 2), (5, 'C', 1)",
            )
            .await
            .unwrap();
        let keys = [parent::Column::N, parent::Column::Code];
        let (mut rising, mut falling) = (Vec::new(), Vec::new());
        let (mut up, mut down) = (String::new(), String::new());

        for _ in 0..3 {
            let all = parent::Entity::find;
            let convert = |row: parent::Model| Ok::<_, DbErr>(row.code);
            let paging = Listing::new("up", &()).paging(2, &up).unwrap();
            let page = paging.rising(&connection, all(), &keys, convert).await;
            let Page { items, next_token } = page.unwrap();
            rising.extend(items);
            up = next_token;
            let paging = Listing::new("down", &()).paging(2, &down).unwrap();
            let page = paging.falling(&connection, all(), &keys, convert).await;
            let Page { items, next_token } = page.unwrap();
            falling.extend(items);
            down = next_token;
        }

        assert_eq!(rising, ["E", "A", "B", "C", "D"]);
        falling.reverse();
        assert_eq!(falling, rising);
        assert_eq!((up.as_str(), down.as_str()), ("", ""));
    }
}
