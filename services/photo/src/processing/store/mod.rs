//! Sessions and their results as rows. A session is a job: claimed by lease, and
//! changed only by who holds it.

pub mod leases;
mod postgres;
pub mod results;
mod rows;
pub mod sessions;
mod sqlite;

pub(crate) use rows::pair;
