//! Whole-system tests through the gateway: see `tests/`. Nothing depends on this crate.
