//! Commands that run a whole system: for as long as it is wanted, or once.

pub(super) mod demo;
pub(super) mod up;
