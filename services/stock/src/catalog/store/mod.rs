//! The tables of the catalogue.

pub mod entity;
mod kinds;
mod reads;
mod writes;

pub use writes::{NewPackaging, NewPrice, NewProduct};
