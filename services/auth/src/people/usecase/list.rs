//! Listing people.

use crate::database::{Page, Paging};
use crate::error::Error;
use crate::people::domain::{Actor, User};
use crate::people::store;
use crate::people::usecase::{People, check_manages};

// === impl People ===

impl People {
    /// A page of users, for someone who looks after them.
    pub(crate) async fn list(&self, by: Actor, paging: &Paging) -> Result<Page<User>, Error> {
        let connection = self.store.connection();
        check_manages(store::acting(connection, by, self.clock.now()).await?)?;
        Ok(store::list(connection, paging).await?)
    }
}
