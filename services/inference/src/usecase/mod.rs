//! The one thing this service does.

mod count_plants;
mod ports;

pub(crate) use count_plants::{CountPlants, Counted};
pub(crate) use ports::{Vision, VisionError};
