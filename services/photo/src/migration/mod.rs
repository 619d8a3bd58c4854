//! Forward-only migrations.

use demeter_db::{Own, Script};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All migrations of the photo service, oldest first.
pub struct Migrator;

const PHOTOS: Script = Script::both("m0001_photos", include_str!("m0001_photos.sql"));

/// What stood as JSON in one column stands in rows and columns: made, filled from what
/// each engine reads JSON with, and then without the old ones.
const ROWS: Script = Script {
    name: "m0002_rows",
    before: Own {
        sqlite: concat!(
            include_str!("m0002_rows.sql"),
            include_str!("m0002_rows_sqlite.sql")
        ),
        postgres: concat!(
            include_str!("m0002_rows.sql"),
            include_str!("m0002_rows_postgres.sql")
        ),
    },
    both: include_str!("m0002_rows_end.sql"),
    after: Own::NONE,
};

/// How sure a count is.
const INTERVALS: Script = Script::both("m0003_intervals", include_str!("m0003_intervals.sql"));

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(PHOTOS), Box::new(ROWS), Box::new(INTERVALS)]
    }
}
