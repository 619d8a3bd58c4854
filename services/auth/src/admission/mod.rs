//! Letting calls in: people's at the gateway, services' among themselves.

pub(crate) mod api;
pub(crate) mod usecase;
