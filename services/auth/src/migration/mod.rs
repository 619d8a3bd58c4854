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

/// A second name of each session, for identities inside the mesh. The default is
/// for versions that do not know it, while both run.
const SESSION_HANDLES: Script = Script {
    name: "m0002_session_handles",
    before: Own {
        sqlite: "ALTER TABLE sessions ADD COLUMN handle {uuid};
                 UPDATE sessions SET handle = randomblob(16);",
        postgres: "ALTER TABLE sessions ADD COLUMN handle {uuid} NOT NULL DEFAULT gen_random_uuid();",
    },
    both: "CREATE UNIQUE INDEX sessions_handle_key ON sessions (handle);",
    after: Own::NONE,
};

/// Attempts are counted by account and address, and known addresses apart.
const ATTEMPTS: Script = Script {
    name: "m0003_attempts",
    before: Own::NONE,
    both: include_str!("m0003_attempts.sql"),
    after: Own::NONE,
};

/// The counting that [`ATTEMPTS`] took the place of: nothing has written or read it
/// since that version.
const NO_FAILURES: Script = Script {
    name: "m0004_no_failures",
    before: Own::NONE,
    both: "DROP TABLE login_failures;",
    after: Own::NONE,
};

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(TABLES),
            Box::new(SESSION_HANDLES),
            Box::new(ATTEMPTS),
            Box::new(NO_FAILURES),
        ]
    }
}
