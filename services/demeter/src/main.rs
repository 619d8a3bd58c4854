//! The operator's binary: runs all services in one process, migrates, imports, detects.

fn main() {}
