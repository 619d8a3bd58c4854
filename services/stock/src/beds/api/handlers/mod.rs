//! What grows where, over gRPC.

mod configurations;
