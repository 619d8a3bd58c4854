//! What counting is: where to look, what was seen, which sightings are one plant.
//!
//! Pure: no pixels, no tensors, no time.

mod detection;
mod geometry;
mod grid;
mod merging;
mod model;
mod parameters;
mod slicing;

pub(crate) use detection::{Detection, Sighting};
pub(crate) use geometry::{Rect, Size};
pub(crate) use merging::combine;
pub use model::{ModelCard, Task};
pub use parameters::{OutOfRange, Parameters};
pub(crate) use slicing::{Level, Plan, Window};
