//! Commands that bring data in and out of a running system.

pub(super) mod import;
