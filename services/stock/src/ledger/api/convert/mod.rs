//! Proto to domain and back, a file for each proto file and one for what enters
//! movements. Every field is named, so that a changed proto stops the build.

mod batch;
mod entering;
mod movement;

pub(super) use entering::{recorded, results, reversed, transplanted};
pub(super) use movement::{count_estimate, counted, planted};
