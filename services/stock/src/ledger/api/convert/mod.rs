//! Proto to domain and back, one file per proto file. Every field is named, so
//! that a changed proto stops the build.

mod batch;
mod movement;

pub(super) use movement::count_estimate;
