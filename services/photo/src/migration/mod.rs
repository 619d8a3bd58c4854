//! Forward-only migrations: one text for both engines, with place holders for
//! the names of types.

use demeter_db::{Engine, engine};
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};

/// All migrations of the photo service, oldest first.
pub struct Migrator;

struct Script {
    name: &'static str,
    sql: &'static str,
}

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Script {
            name: "m0001_photos",
            sql: include_str!("m0001_photos.sql"),
        })]
    }
}

impl MigrationName for Script {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Script {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sql = spelled(self.sql, engine(connection));
        connection.execute_unprepared(&sql).await?;
        Ok(())
    }
}

fn spelled(sql: &str, engine: Engine) -> String {
    let names = match engine {
        Engine::Sqlite => [("{time}", "TEXT"), ("{uuid}", "BLOB"), ("{real}", "REAL")],
        Engine::Postgres => [
            ("{time}", "TIMESTAMPTZ"),
            ("{uuid}", "UUID"),
            ("{real}", "DOUBLE PRECISION"),
        ],
    };
    names.iter().fold(sql.to_owned(), |sql, (holder, name)| {
        sql.replace(holder, name)
    })
}
