//! Forward-only migrations.

use demeter_db::{Own, Script};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All migrations of the stock service, oldest first.
pub struct Migrator;

const TABLES: Script = Script {
    name: "m0001_tables",
    before: Own {
        sqlite: "",
        postgres: include_str!("m0001_postgres_before.sql"),
    },
    both: include_str!("m0001_tables.sql"),
    after: Own {
        sqlite: include_str!("m0001_sqlite.sql"),
        postgres: include_str!("m0001_postgres.sql"),
    },
};

/// Answers to requests and posted counts were kept as JSON of domain types. They
/// become ids and numbers, so that a type may change while old answers stand.
const ANSWERS: Script = Script {
    name: "m0002_answers_in_columns",
    before: Own {
        sqlite: include_str!("m0002_sqlite.sql"),
        postgres: include_str!("m0002_postgres.sql"),
    },
    both: "",
    after: Own::NONE,
};

/// How sure a photo's count is.
const SURENESS: Script = Script {
    name: "m0003_sureness",
    before: Own::NONE,
    both: include_str!("m0003_sureness.sql"),
    after: Own::NONE,
};

/// Facts may arrive in any order: lines name their facts.
const FACTS: Script = Script {
    name: "m0004_facts",
    before: Own {
        sqlite: include_str!("m0004_sqlite_before.sql"),
        postgres: include_str!("m0004_postgres_before.sql"),
    },
    both: include_str!("m0004_facts.sql"),
    after: Own {
        sqlite: include_str!("m0004_sqlite.sql"),
        postgres: include_str!("m0004_postgres.sql"),
    },
};

/// All kinds of movements: what ties them to one another and to money, and requests
/// that enter several.
const MOVEMENTS: Script = Script {
    name: "m0005_movements",
    before: Own {
        sqlite: include_str!("m0005_sqlite_before.sql"),
        postgres: include_str!("m0005_postgres_before.sql"),
    },
    both: include_str!("m0005_movements.sql"),
    after: Own {
        sqlite: include_str!("m0005_sqlite.sql"),
        postgres: include_str!("m0005_postgres.sql"),
    },
};

/// A configuration is a version with a line for each kind, and many locations are
/// configured by one operation.
const CONFIGURATIONS: Script = Script {
    name: "m0006_configurations",
    before: Own {
        sqlite: include_str!("m0006_sqlite_before.sql"),
        postgres: "",
    },
    both: include_str!("m0006_configurations.sql"),
    after: Own {
        sqlite: include_str!("m0006_sqlite.sql"),
        postgres: include_str!("m0006_postgres.sql"),
    },
};

/// How densely plants stand, and people who count beds together; a count by hand may
/// find none, and may speak of one packaging.
const COUNTING: Script = Script {
    name: "m0007_counting",
    before: Own::NONE,
    both: include_str!("m0007_counting.sql"),
    after: Own {
        sqlite: include_str!("m0007_sqlite.sql"),
        postgres: include_str!("m0007_postgres.sql"),
    },
};
/// Month-ends: what was sold, and who approved it.
const MONTHS: Script = Script::both("m0008_months", include_str!("m0008_months.sql"));

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(TABLES),
            Box::new(ANSWERS),
            Box::new(SURENESS),
            Box::new(FACTS),
            Box::new(MOVEMENTS),
            Box::new(CONFIGURATIONS),
            Box::new(COUNTING),
            Box::new(MONTHS),
        ]
    }
}
