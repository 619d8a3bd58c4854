//! Counting beyond single counts, over gRPC.

mod density;
mod session;
