//! The photo database. Every function is one query or one transaction; what it
//! holds is the truth about how far a photo is.

mod entity;
mod error;
mod jobs;
mod photos;
mod postgres;
mod results;
mod rows;
mod sqlite;
mod uploads;

pub use error::StoreError;
pub use jobs::{Lease, Schedule};
pub use photos::Filter;
pub use uploads::{Answer, StaleUpload};

use sea_orm::{DatabaseConnection, EntityTrait as _};

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    connection: DatabaseConnection,
}

// === impl Store ===

impl Store {
    /// Over an open database that is migrated.
    pub fn new(connection: DatabaseConnection) -> Self {
        Self { connection }
    }

    /// Whether the database answers and has its tables, for readiness.
    pub async fn healthy(&self) -> Result<(), StoreError> {
        entity::pending::Entity::find()
            .one(&self.connection)
            .await?;
        Ok(())
    }
}
