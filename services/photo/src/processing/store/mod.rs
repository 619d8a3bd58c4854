//! Sessions and their results as rows.

mod jobs;
mod postgres;
mod results;
pub(crate) mod rows;
mod sqlite;

pub use jobs::{Lease, Schedule};
