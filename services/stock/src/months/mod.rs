//! The month-end: what was sold follows from two counts and what is known to have
//! happened between them.

pub mod api;
pub mod domain;
pub mod store;
pub mod usecase;
