//! The tables of the place hierarchy. One function is one query.

pub mod areas;
pub mod entity;
pub mod locations;
mod outlines;
pub mod save;
pub mod spatial;
pub mod warehouses;
