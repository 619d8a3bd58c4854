//! Commands that prepare a system, and look at one from outside.

pub(super) mod admin;
pub(super) mod certificates;
pub(super) mod docs;
pub(super) mod gateway_files;
pub(super) mod healthcheck;
pub(super) mod migrate;
pub(super) mod roles;
