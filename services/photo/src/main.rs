//! The `photo` process.

fn main() {}
