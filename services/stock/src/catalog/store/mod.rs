//! The tables of the catalogue. One function is one query.

pub mod categories;
pub mod entity;
pub mod families;
pub mod kinds;
pub mod packagings;
pub mod prices;
pub mod products;
