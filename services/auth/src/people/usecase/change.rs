//! Changing what a person may do, or whether they may sign in.

use crate::error::Error;
use crate::people::domain::{User, UserChange, UserId, leaves_no_admin};
use crate::people::store;
use crate::people::usecase::People;

// === impl People ===

impl People {
    /// Changes a user. Deactivating one ends their sessions; a new role counts
    /// from the next call on.
    pub(crate) async fn change(&self, id: UserId, change: UserChange) -> Result<User, Error> {
        demeter_db::retry(|| self.try_change(id, change)).await
    }

    async fn try_change(&self, id: UserId, change: UserChange) -> Result<User, Error> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        // Administrators first: everybody takes the locks in the same order.
        let active_admins = store::lock_active_admins(&tx).await?;
        let Some(before) = store::lock(&tx, id).await? else {
            return Err(Error::NoSuchUser);
        };
        let mut user = before.clone();
        user.apply(change);
        if leaves_no_admin(&before, &user, active_admins) {
            return Err(Error::LastAdmin);
        }
        store::update(tx.connection(), &user, now).await?;
        if !user.active {
            store::sign_out(tx.connection(), id, now).await?;
        }
        tx.commit().await?;
        Ok(user)
    }
}
