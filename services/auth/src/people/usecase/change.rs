//! Changing what a person may do, or whether they may sign in.

use demeter_db::write;

use crate::database::Tx;
use crate::error::Error;
use crate::people::domain::{Actor, User, UserChange, UserId, leaves_no_admin};
use crate::people::store;
use crate::people::usecase::{People, check_manages};

// === impl People ===

impl People {
    /// Changes a user, for someone who looks after them. Deactivating one ends their sessions; a new role counts
    /// from the next call on.
    pub(crate) async fn change(
        &self,
        by: Actor,
        id: UserId,
        change: UserChange,
    ) -> Result<User, Error> {
        write(self.store.connection(), |tx| async move {
            self.try_change(&tx, by, (id, change)).await
        })
        .await
    }

    async fn try_change(
        &self,
        tx: &Tx,
        by: Actor,
        (id, change): (UserId, UserChange),
    ) -> Result<User, Error> {
        // Administrators first: everybody takes the locks in the same order.
        let active_admins = store::lock_active_admins(tx).await?;
        // Now that nobody can take the right away before this is done.
        let now = self.clock.now();
        check_manages(store::acting(tx, by, now).await?)?;
        let Some(before) = store::lock(tx, id).await? else {
            return Err(Error::NoSuchUser);
        };
        let mut user = before.clone();
        user.apply(change);
        if leaves_no_admin(&before, &user, active_admins) {
            return Err(Error::LastAdmin);
        }
        store::update(tx, &user, now).await?;
        if !user.active {
            store::sign_out(tx, id, now).await?;
        }
        Ok(user)
    }
}
