//! The `auth` process.

fn main() {}
