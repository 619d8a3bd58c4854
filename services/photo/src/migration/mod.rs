//! Forward-only migrations: one text for both engines, with place holders for
//! the names of types.

use demeter_db::{Engine, engine};
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};

/// All migrations of the photo service, oldest first.
pub struct Migrator;

struct Script {
    name: &'static str,
    parts: &'static [Part],
}

/// A piece of a script.
enum Part {
    /// The same on both engines, but for the names of types.
    Both(&'static str),
    /// What each engine spells in its own way.
    Each {
        sqlite: &'static str,
        postgres: &'static str,
    },
}

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let photos = Script {
            name: "m0001_photos",
            parts: &[Part::Both(include_str!("m0001_photos.sql"))],
        };
        let rows = Script {
            name: "m0002_rows",
            parts: &[
                Part::Both(include_str!("m0002_rows.sql")),
                Part::Each {
                    sqlite: include_str!("m0002_rows_sqlite.sql"),
                    postgres: include_str!("m0002_rows_postgres.sql"),
                },
                Part::Both(include_str!("m0002_rows_end.sql")),
            ],
        };
        let intervals = Script {
            name: "m0003_intervals",
            parts: &[Part::Both(include_str!("m0003_intervals.sql"))],
        };
        vec![Box::new(photos), Box::new(rows), Box::new(intervals)]
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
        for part in self.parts {
            let sql = part.sql(engine(connection));
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    /// All or nothing, on SQLite too: a script that stopped half-way could not be
    /// run again.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

// === impl Part ===

impl Part {
    fn sql(&self, engine: Engine) -> String {
        match (self, engine) {
            (Self::Both(sql), _) => spelled(sql, engine),
            (Self::Each { sqlite, .. }, Engine::Sqlite) => (*sqlite).to_owned(),
            (Self::Each { postgres, .. }, Engine::Postgres) => (*postgres).to_owned(),
        }
    }
}

fn spelled(sql: &str, engine: Engine) -> String {
    let names = match engine {
        Engine::Sqlite => [
            ("{time}", "TEXT"),
            ("{uuid}", "BLOB"),
            ("{real}", "REAL"),
            ("{single}", "REAL"),
        ],
        Engine::Postgres => [
            ("{time}", "TIMESTAMPTZ"),
            ("{uuid}", "UUID"),
            ("{real}", "DOUBLE PRECISION"),
            ("{single}", "REAL"),
        ],
    };
    names.iter().fold(sql.to_owned(), |sql, (holder, name)| {
        sql.replace(holder, name)
    })
}
