//! What readers see.

mod api;
