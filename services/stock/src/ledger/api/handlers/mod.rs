//! One file per service of the proto.

mod batches;
mod movements;
