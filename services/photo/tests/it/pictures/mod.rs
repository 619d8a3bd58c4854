//! What is read from a picture, and drawn into one.

pub(crate) mod images;
