//! What counting is: where to look, what was seen, which sightings are one plant.
//!
//! Pure: no pixels, no tensors, no time.

mod detail;
mod detection;
pub(crate) mod estimate;
mod exploration;
mod geometry;
mod grid;
mod merging;
mod model;
mod parameters;
mod slicing;

pub(crate) use detail::Detail;
pub(crate) use detection::{Detection, Sighting};
pub use estimate::{BadCalibration, Estimate, Range};
pub(crate) use estimate::{Calibration, count, looking};
pub(crate) use exploration::{Exploration, Looked};
pub use geometry::Rect;
pub(crate) use geometry::{Size, whole_part};
pub(crate) use merging::combine;
pub use model::{ModelCard, Task};
pub use parameters::{OutOfRange, Parameters, Search};
pub(crate) use slicing::{Level, Plan, Window};
