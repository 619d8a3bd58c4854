//! What the operator does before and beside serving.

use demeter_clock::{Clock, Ids};
use secrecy::SecretString;

use crate::config::Config;
use crate::database::{SCHEMA, Store};
use crate::error::Error;
use crate::migration::Migrator;
use crate::people::domain::{Name, NewUser, Role, User};
use crate::people::usecase::add_user;

/// Brings the tables up to date.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    Ok(demeter_db::migrate::<Migrator>(&config.database, SCHEMA).await?)
}

/// Adds an active administrator to migrated tables.
///
/// [`Error::EmailTaken`] when the address is in use, whatever the password: a
/// script may call this every time. [`Error::Invalid`] and
/// [`Error::WeakPassword`] say what is wrong with the arguments.
pub async fn create_admin(
    config: &Config,
    email: &str,
    password: &SecretString,
) -> Result<User, Error> {
    let email = match email.parse() {
        Ok(email) => email,
        Err(error) => {
            return Err(Error::Invalid {
                field: "email",
                problem: format!("{error}"),
            });
        }
    };
    let connection = demeter_db::open(&config.database, SCHEMA)
        .await
        .map_err(Error::internal)?;
    let store = Store::new(connection);
    let new = NewUser {
        email,
        name: Name::default(),
        role: Role::Admin,
    };
    add_user(
        &store,
        &Clock::system(),
        &Ids::random(),
        new,
        password.clone(),
    )
    .await
}
