//! Counting what was taken in.

mod pipeline;
