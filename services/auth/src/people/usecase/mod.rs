//! What is done with people, one file per verb.

mod add;
mod change;
mod list;

use std::collections::BTreeSet;

use demeter_clock::{Clock, Ids};
use demeter_identity::Right;

use crate::database::Store;
use crate::error::{Error, Rejected};
use crate::people::domain::User;
use crate::people::hashing::Hasher;
#[cfg(doc)]
use crate::people::store;

/// What adding and changing people works with.
#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    /// The words of the nursery's name, and of ours.
    pub(crate) nursery: BTreeSet<String>,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

/// Whoever looks after users has to hold that right now, in a session that goes on:
/// `actor` is who the [store](store::acting) says acts.
///
/// An identity still works for up to a minute after its session has ended, and names
/// the rights of the moment when it was made.
fn check_manages(actor: Option<User>) -> Result<(), Error> {
    let user = actor.ok_or(Rejected::Session)?;
    if user.role.rights().contains(&Right::UsersManage) {
        Ok(())
    } else {
        Err(Error::NotAllowed(Right::UsersManage))
    }
}
