//! Photos, uploads on their way and kept answers as rows. Objects come before
//! the photo, and what may be left behind is on record before it exists.

pub mod answers;
pub mod pending;
pub mod photos;
pub(crate) mod rows;
