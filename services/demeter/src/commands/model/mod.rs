//! Commands about the model that counts.

pub(super) mod bench;
pub(super) mod detect;
pub(super) mod verify;
