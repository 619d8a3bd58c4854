//! A photo, and what its upload is answered. Pure.

mod answer;
mod photo;
mod stage;

pub use answer::{Answer, Rejected, Stored};
pub use photo::{Photo, PhotoId};
pub use stage::Stage;
