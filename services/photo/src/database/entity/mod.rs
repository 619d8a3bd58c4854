//! Rows. Private to the stores: queries return domain types.

#![expect(
    unreachable_pub,
    clippy::struct_field_names,
    reason = "the derives make public items, and columns have the names they have"
)]

pub(crate) mod answer;
pub(crate) mod answered_file;
pub(crate) mod detection;
pub(crate) mod model_class;
pub(crate) mod pending;
pub(crate) mod photo;
pub(crate) mod result;
pub(crate) mod session;
