//! The `stock` process.

fn main() {}
