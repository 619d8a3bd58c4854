//! Opens PostgreSQL or SQLite through sea-orm, runs migrations, classifies
//! database faults, and is the home of what every store does alike: a write that
//! is done once, run again on a conflict, and a list that is told in pages.
//!
//! The only crate that reads SQLSTATE codes. It knows no table.

#![warn(missing_docs)]

use std::path::PathBuf;

mod fault;
mod migrate;
mod once;
mod open;
mod page;
mod roles;
mod script;
mod store_error;
mod transaction;

pub use fault::{Fault, classify};
pub use migrate::{Unmigrated, check_migrated, migrate};
pub use once::{How, Key, Once, once, write};
pub use open::{Config, Engine, engine, open};
pub use page::{Listing, Page, Paging};
pub use roles::create_roles;
pub use script::{Own, Script};
pub use store_error::StoreError;
pub use transaction::{Conflict, begin, retry};

/// What can go wrong before a query runs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL names neither engine.
    #[error("the database URL must start with sqlite:// or postgres://")]
    UnknownEngine,
    /// The schema's name would not survive being quoted into SQL.
    #[error("the schema name {0:?} must be lower-case letters, digits and _")]
    SchemaName(String),
    /// The URL of this schema's service names no role that can be made.
    #[error("the database URL of {0} names {1}")]
    Role(String, &'static str),
    /// The SQLite file, or its folder, cannot be made or read.
    #[error("the database file cannot be made or read")]
    Folder(#[source] std::io::Error),
    /// The SQLite file holds what is secret, and others may read or write it.
    #[error("others on this machine may read the database: type `chmod go= {}*`", .0.display())]
    OpenToOthers(PathBuf),
    /// No server is where the URL says, or none that has a connection left.
    #[error("PostgreSQL does not answer at {server}: start it there, or correct the database URL")]
    Unreachable {
        /// Host, port and database, for example `db:5432/nursery`.
        server: String,
        /// What was waited for in vain.
        source: sea_orm::DbErr,
    },
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sea_orm::DbErr),
}
