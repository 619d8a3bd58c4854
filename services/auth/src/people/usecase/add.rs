//! Adding a person.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret as _, SecretString};

use crate::error::Error;
use crate::people::domain::{
    Actor, Name, NewUser, User, UserId, WeakPassword, check_strength, words,
};
use crate::people::store;
use crate::people::usecase::{People, check_manages};

// === impl People ===

impl People {
    /// Adds a person, for someone who looks after users.
    pub(crate) async fn add_for(
        &self,
        by: Actor,
        new: NewUser,
        password: SecretString,
    ) -> Result<User, Error> {
        let connection = self.store.connection();
        check_manages(store::acting(connection, by, self.clock.now()).await?)?;
        self.add(new, password).await
    }

    /// Adds a person who can sign in with this password.
    pub(crate) async fn add(&self, new: NewUser, password: SecretString) -> Result<User, Error> {
        check_strength(password.expose_secret(), &self.names(&new))?;
        let phc = self.hasher.hash(password).await?;
        let NewUser { email, name, role } = new;
        let user = User {
            id: UserId(self.ids.next()),
            email,
            name,
            role,
            active: true,
            last_login_at: None,
            created_at: self.clock.now(),
        };
        store::insert(self.store.connection(), &user, &phc).await?;
        Ok(user)
    }

    /// What a password of this person must not lean on.
    fn names(&self, new: &NewUser) -> BTreeSet<String> {
        let Name { first, last } = &new.name;
        let own = [new.email.as_str(), first, last]
            .into_iter()
            .flat_map(words);
        self.nursery.iter().cloned().chain(own).collect()
    }
}

impl From<WeakPassword> for Error {
    fn from(weak: WeakPassword) -> Self {
        Self::WeakPassword(weak.to_string())
    }
}
