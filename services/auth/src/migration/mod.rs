//! Forward-only migrations: one text for both engines, with place holders for
//! the type names.

use demeter_db::{Engine, engine};
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};

/// All migrations of the auth service, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Script {
            name: "m0001_users_and_sessions",
            sql: include_str!("m0001_users_and_sessions.sql"),
        })]
    }
}

struct Script {
    name: &'static str,
    sql: &'static str,
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
        let (uuid, time) = match engine(connection) {
            Engine::Sqlite => ("BLOB", "TEXT"),
            Engine::Postgres => ("uuid", "timestamptz"),
        };
        let sql = self.sql.replace("{uuid}", uuid).replace("{time}", time);
        connection.execute_unprepared(&sql).await.map(drop)
    }
}
