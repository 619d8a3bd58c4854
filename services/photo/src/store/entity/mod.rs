//! Rows. Private to the store: queries return domain types.

#![expect(
    unreachable_pub,
    clippy::struct_field_names,
    reason = "the derives make public items, and columns have the names they have"
)]

pub(super) mod answer;
pub(super) mod pending;
pub(super) mod photo;
pub(super) mod result;
pub(super) mod session;
