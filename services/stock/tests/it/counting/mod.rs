//! Counting beyond single counts.

mod density;
mod sessions;
