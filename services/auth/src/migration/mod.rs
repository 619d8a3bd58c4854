//! Forward-only migrations.

use demeter_db::{Own, Script};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All migrations of the auth service, oldest first.
pub struct Migrator;

const TABLES: Script = Script {
    name: "m0001_users_and_sessions",
    before: Own::NONE,
    both: include_str!("m0001_users_and_sessions.sql"),
    after: Own::NONE,
};

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(TABLES)]
    }
}
