//! Counting what was taken in.

mod pipeline;
mod power_cuts;
mod results;
