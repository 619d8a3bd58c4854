//! What stands where, added up.

use std::collections::HashMap;

use sea_orm::QuerySelect as _;
use sea_orm::prelude::*;

use crate::database::{Store, StoreError};
use crate::ids::LocationId;
use crate::ledger::store::entity::batch;

// === impl Store ===

impl Store {
    /// Plants that stand in each of these locations now. A location without
    /// plants is not among them.
    pub async fn quantities(
        &self,
        of: &[LocationId],
    ) -> Result<HashMap<LocationId, i64>, StoreError> {
        let sums: Vec<(i32, i64)> = batch::Entity::find()
            .select_only()
            .column(batch::Column::StorageLocationId)
            .column_as(
                Expr::cust("CAST(SUM(quantity_current) AS BIGINT)"),
                "standing",
            )
            .filter(batch::Column::StorageLocationId.is_in(of.iter().map(|location| location.0)))
            .filter(batch::Column::QuantityCurrent.gt(0))
            .group_by(batch::Column::StorageLocationId)
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(sums
            .into_iter()
            .map(|(location, standing)| (LocationId(location), standing))
            .collect())
    }
}
