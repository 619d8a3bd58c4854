//! What the operator does before and beside serving.

use std::sync::Arc;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use secrecy::SecretString;

use crate::config::Config;
use crate::database::{SCHEMA, Store};
use crate::error::Error;
use crate::keys::Signer;
use crate::migration::Migrator;
use crate::people::domain::{Name, NewUser, Role, User};
use crate::people::hashing::Hasher;
use crate::people::store as people;
use crate::people::usecase::People;
use crate::sessions::usecase::Sessions;

/// Brings the tables up to date.
pub async fn migrate(database: &demeter_db::Config) -> anyhow::Result<()> {
    Ok(demeter_db::migrate::<Migrator>(database, SCHEMA).await?)
}

/// Signs a person in without asking for their password, and gives the access token
/// of the new session.
///
/// For whoever holds the keys and the database, and could make such a token anyway:
/// a start must not depend on a password, nor wait because strangers guess it.
pub async fn sign_in(config: &Config, email: &str) -> anyhow::Result<SecretString> {
    let connection = demeter_db::open(&config.database, SCHEMA).await?;
    let found = people::find_credentials(&connection, &email.parse()?).await?;
    let user = found.map(|found| found.user).filter(|user| user.active);
    let user = user.with_context(|| format!("no active user has the address {email}"))?;
    let sessions = Sessions {
        store: Store::new(connection),
        hasher: Hasher::new()?,
        signer: Arc::new(Signer::new(&config.jwt_private_key)?),
        access_tokens: config.access_tokens.clone(),
        lifetime: config.session_lifetime,
        clock: Clock::system(),
        ids: Ids::random(),
    };
    Ok(sessions.begin(user).await?.0.access.token)
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
    let taken = people::find_credentials(&connection, &email).await?;
    if taken.is_some() {
        return Err(Error::EmailTaken);
    }
    let people = People {
        store: Store::new(connection),
        hasher: Hasher::new()?,
        nursery: config.nursery.clone(),
        clock: Clock::system(),
        ids: Ids::random(),
    };
    let new = NewUser {
        email,
        name: Name::default(),
        role: Role::Admin,
    };
    people.add(new, password.clone()).await
}
