//! Rows. Private to the store: queries return domain types.

#![expect(unreachable_pub, reason = "the derives make public items")]

pub(super) mod answer;
pub(super) mod pending;
pub(super) mod photo;
pub(super) mod result;
pub(super) mod session;
