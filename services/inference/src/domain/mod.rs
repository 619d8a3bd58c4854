//! What counting is: where to look, what was seen, which sightings are one plant.
//!
//! Pure: no pixels, no tensors, no time.

mod detection;
pub(crate) mod estimate;
mod geometry;
mod grid;
mod merging;
mod model;
mod parameters;
mod slicing;

pub(crate) use detection::{Detection, Sighting};
pub use estimate::{BadCalibration, Estimate, Range};
pub(crate) use estimate::{Calibration, count, looking};
pub(crate) use geometry::{Rect, Size};
pub(crate) use merging::combine;
pub use model::{ModelCard, Task};
pub use parameters::{OutOfRange, Parameters};
pub(crate) use slicing::{Level, Plan, Window};
