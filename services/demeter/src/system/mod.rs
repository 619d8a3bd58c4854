//! The whole system in one process, on a data folder and a set of ports.

mod folder;
mod lock;
mod ports;
pub(crate) mod running;
mod secrets;
mod services;
mod settings;

pub(crate) use folder::DataFolder;
pub(crate) use lock::Lock;
pub(crate) use ports::Ports;
pub(crate) use running::{Admin, Running};
pub(crate) use secrets::random_password;
pub(crate) use settings::{Settings, migrate_alone};

/// The administrator that `demeter up` creates.
pub(crate) const ADMIN_EMAIL: &str = "admin@demeter.local";
