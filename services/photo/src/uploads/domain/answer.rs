//! What an upload is answered: the same, however often its request id comes.

use super::{PhotoId, Stage};
use crate::ports::SessionId;

/// What became of the files of one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// In the order sent.
    pub stored: Vec<Stored>,
    /// In the order sent.
    pub rejected: Vec<Rejected>,
}

/// A photo that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The photo.
    pub photo: PhotoId,
    /// The session that counts it.
    pub session: SessionId,
    /// As the client named this file: the photo may have been stored by another
    /// name before.
    pub filename: String,
    /// How far it was when it was answered, which a repeated answer says too.
    pub stage: Stage,
    /// It was there before.
    pub duplicate: bool,
}

/// A file that is refused. Words, and no type: a repeated answer says what was
/// said then, also when this version knows that refusal no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// As the client named it.
    pub filename: String,
    /// For programs, for example `UNSUPPORTED_FORMAT`.
    pub reason: String,
    /// For people.
    pub message: String,
}
