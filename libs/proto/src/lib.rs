//! Generated messages, clients, servers and the descriptor set; not one
//! hand-written conversion.
//!
//! `demeter.stock.v1.Batch` in `proto/` is [`stock::v1::Batch`] here. Servers
//! decode through [`ValidatingCodec`], so a handler never sees a request that
//! breaks the rules written beside its fields.

#![allow(
    missing_docs,
    reason = "generated code carries the comments of the proto files"
)]

mod codec;
mod text;
mod words;

pub use codec::{INVALID_FIELD, ValidatingCodec, ValidatingDecoder};
pub use text::is_hidden;

use std::sync::LazyLock;

/// The encoded `google.protobuf.FileDescriptorSet` of every proto file, with
/// imports, options and comments.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.binpb"));

/// The same, decoded.
#[expect(
    clippy::expect_used,
    reason = "the build script wrote it from a set that it had decoded"
)]
pub static DESCRIPTOR_POOL: LazyLock<prost_reflect::DescriptorPool> = LazyLock::new(|| {
    prost_reflect::DescriptorPool::decode(DESCRIPTOR_SET)
        .expect("the built-in descriptor set decodes")
});

#[allow(
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    rustdoc::all,
    reason = "generated"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/all.rs"));
}

pub use generated::{demeter::*, google};
