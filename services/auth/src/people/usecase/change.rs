//! Changing what a person may do, or whether they may sign in.

use crate::auth::Auth;
use crate::error::Error;
use crate::people::domain::{User, UserChange, UserId, leaves_no_admin};

// === impl Auth ===

impl Auth {
    /// Changes a user. Deactivating one ends their sessions; a new role counts
    /// from the next call on.
    pub async fn change_user(&self, id: UserId, change: UserChange) -> Result<User, Error> {
        demeter_db::retry(|| self.try_change_user(id, change)).await
    }

    async fn try_change_user(&self, id: UserId, change: UserChange) -> Result<User, Error> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        // Administrators first: everybody takes the locks in the same order.
        let active_admins = tx.lock_active_admins().await?;
        let Some(before) = tx.lock_user(id).await? else {
            return Err(Error::NoSuchUser);
        };
        let mut user = before.clone();
        user.apply(change);
        if leaves_no_admin(&before, &user, active_admins) {
            return Err(Error::LastAdmin);
        }
        tx.update_user(&user, now).await?;
        if !user.active {
            tx.revoke_sessions_of(id, now).await?;
        }
        tx.commit().await?;
        Ok(user)
    }
}
