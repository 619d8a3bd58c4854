//! Counting beyond single counts: how densely plants stand, calibrated with counts of
//! the ledger; and sessions of people who count beds together.

pub mod api;
pub mod domain;
pub mod store;
pub mod usecase;
