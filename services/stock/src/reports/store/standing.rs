//! What stands where, added up.

use std::collections::HashMap;

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect as _};

use crate::database::StoreError;
use crate::ids::LocationId;
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::entity::batch;

/// Plants that stand in each of these locations now. A location without plants
/// is not among them.
pub async fn quantities(
    connection: &impl ConnectionTrait,
    of: &[LocationId],
) -> Result<HashMap<LocationId, Quantity>, StoreError> {
    let standing = Expr::cust("CAST(SUM(quantity_current) AS BIGINT)");
    let sums: Vec<(i32, i64)> = batch::Entity::find()
        .select_only()
        .column(batch::Column::StorageLocationId)
        .column_as(standing, "standing")
        .filter(batch::Column::StorageLocationId.is_in(of.iter().map(|location| location.0)))
        .filter(batch::Column::QuantityCurrent.gt(0))
        .group_by(batch::Column::StorageLocationId)
        .into_tuple()
        .all(connection)
        .await?;
    sums.into_iter()
        .map(|(location, standing)| {
            let standing = Quantity::new(standing).ok_or(StoreError::Corrupt("quantity"))?;
            Ok((LocationId(location), standing))
        })
        .collect()
}
