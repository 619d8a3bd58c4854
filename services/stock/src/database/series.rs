//! Codes that end in a number: `LOC12-PROD3-20261031-001`, `N01-N-C01-B02`.

use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter as _, QuerySelect as _};

use super::StoreError;

/// The number after the highest that a code of this series has; 1 for the first.
///
/// `prefix` is the part of the code before the number. Two writers may be told
/// the same number: the codes are unique, and the one that comes second asks again.
pub async fn next<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    code: E::Column,
    prefix: &str,
) -> Result<u32, StoreError> {
    // What follows the prefix is a digit, and `:` comes after 9. A range can use
    // the index on both engines, which LIKE cannot.
    let codes: Vec<String> = E::find()
        .select_only()
        .column(code)
        .filter(code.gte(format!("{prefix}0")))
        .filter(code.lt(format!("{prefix}:")))
        .into_tuple()
        .all(connection)
        .await?;
    let used = codes
        .iter()
        .filter_map(|code| code.strip_prefix(prefix)?.parse::<u32>().ok())
        .max();
    Ok(used.unwrap_or(0) + 1)
}
