//! The whole system in one process, on a data folder and a set of ports.

mod lock;
mod ports;
mod secrets;
mod settings;

pub(crate) use lock::Lock;
pub(crate) use ports::Ports;
pub(crate) use secrets::random_password;
pub(crate) use settings::{Settings, System};

/// The administrator that `demeter up` creates.
pub(crate) const ADMIN_EMAIL: &str = "admin@demeter.local";
