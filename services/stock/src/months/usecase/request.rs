//! What a request that is done once is known by.

use demeter_db::Key;

use crate::database::{RequestKey, Tx};
use crate::error::{Error, Exists};
use crate::months::domain::act::{Act, Verb};
use crate::months::store::acts::{self, Used};

/// A request id, what was sent with it, and what is to be done.
///
/// The work asks again, once it has its locks, whether the request was done: the same
/// request may have been done while it waited.
pub(super) struct Once<'a> {
    key: &'a RequestKey,
    verb: Verb,
}

// === impl Once ===

impl<'a> Once<'a> {
    pub(super) const fn new(key: &'a RequestKey, verb: Verb) -> Self {
        Self { key, verb }
    }
}

impl Key for Once<'_> {
    type Answer = Act;
    type Error = Error;

    async fn answered(&self, tx: &Tx) -> Result<Option<Act>, Error> {
        match acts::find(tx, self.key, self.verb).await? {
            None => Ok(None),
            Some(Used::Same(act)) => Ok(Some(act)),
            Some(Used::Otherwise) => Err(Exists::RequestIdReused.into()),
        }
    }

    /// The act is the answer, and is there already: lines name it.
    async fn remember(&self, _: &Tx, _: &Act) -> Result<(), Error> {
        Ok(())
    }
}
