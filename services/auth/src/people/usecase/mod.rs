//! What is done with people, one file per verb.

mod add;
mod change;

use demeter_clock::{Clock, Ids};

use crate::database::Store;
use crate::people::hashing::Hasher;

/// What adding and changing people works with.
#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}
