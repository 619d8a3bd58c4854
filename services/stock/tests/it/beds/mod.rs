//! What grows where.

mod configurations;
mod operations;
