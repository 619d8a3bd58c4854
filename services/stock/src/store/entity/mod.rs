//! One row type per table. Private to the store: queries answer domain types.

pub(super) mod catalog;
pub(super) mod ledger;
pub(super) mod places;
