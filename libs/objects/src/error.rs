//! What can go wrong with objects.

use std::path::PathBuf;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made.
    #[error("cannot make the directory {dir}")]
    Directory {
        /// Its path.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The settings are not usable.
    #[error("the object store's settings are not usable")]
    Settings(#[source] object_store::Error),
}

/// Why an object could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is none with this key.
    #[error("there is no object {path}")]
    NotFound {
        /// Its key.
        path: String,
    },
    /// A key that no store can hold.
    #[error("{key:?} is not a key")]
    Key {
        /// The key.
        key: String,
        /// Why.
        source: object_store::path::Error,
    },
    /// The store refused or did not answer; trying again later may help.
    #[error("the object store failed")]
    Store(#[source] object_store::Error),
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::NotFound { path },
            error => Self::Store(error),
        }
    }
}
