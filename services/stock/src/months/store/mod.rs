//! The tables of months, and the ledger as they read it. One function is one query, or
//! as many as the answer has parts: never one a bed.

pub mod acts;
pub mod approvals;
pub mod beds;
pub mod books;
pub mod carries;
pub mod catalogue;
mod entity;
pub mod months;
