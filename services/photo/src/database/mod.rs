//! The photo database. Every function is one query or one transaction; what it
//! holds is the truth about how far a photo is.

pub(crate) mod entity;
mod error;

pub use error::StoreError;

use sea_orm::{DatabaseConnection, EntityTrait as _};

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) connection: DatabaseConnection,
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
