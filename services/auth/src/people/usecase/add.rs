//! Adding a person.

use demeter_clock::{Clock, Ids};
use secrecy::{ExposeSecret as _, SecretString};

use crate::auth::Auth;
use crate::database::Store;
use crate::error::Error;
use crate::people::domain::{NewUser, User, UserId, check_strength};
use crate::people::hashing::Hasher;

// === impl Auth ===

impl Auth {
    /// Adds a person who can sign in with this password.
    pub async fn add_user(&self, new: NewUser, password: SecretString) -> Result<User, Error> {
        let phc = hashed(&self.hasher, &new, password).await?;
        insert(&self.store, &self.clock, &self.ids, new, &phc).await
    }
}

/// The same without the rest of the service, for the operator's first steps.
pub(crate) async fn add_user(
    store: &Store,
    clock: &Clock,
    ids: &Ids,
    new: NewUser,
    password: SecretString,
) -> Result<User, Error> {
    if store.find_credentials(&new.email).await?.is_some() {
        return Err(Error::EmailTaken);
    }
    let phc = hashed(&Hasher::new()?, &new, password).await?;
    insert(store, clock, ids, new, &phc).await
}

async fn hashed(hasher: &Hasher, new: &NewUser, password: SecretString) -> Result<String, Error> {
    check_strength(password.expose_secret(), &new.email)?;
    hasher.hash(password).await
}

async fn insert(
    store: &Store,
    clock: &Clock,
    ids: &Ids,
    new: NewUser,
    phc: &str,
) -> Result<User, Error> {
    let NewUser { email, name, role } = new;
    let user = User {
        id: UserId(ids.next()),
        email,
        name,
        role,
        active: true,
        last_login_at: None,
        created_at: clock.now(),
    };
    let tx = store.begin().await?;
    tx.insert_user(&user, phc).await?;
    tx.commit().await?;
    Ok(user)
}
