//! What every handler of this service shares.

pub(crate) mod fields;
mod status;
