//! The `inference` process.

fn main() {}
