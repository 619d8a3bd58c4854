//! What stood where at an instant, as it was known at another.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{
    ConnectionTrait, JoinType, QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};

use crate::catalog::domain::Kind;
use crate::database::StoreError;
use crate::ids::{AreaId, BatchId, LocationId, ProductId, WarehouseId};
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::entity::{batch, movement};
use crate::places::store::entity::{area, location};

/// Which plants, and when.
#[derive(Clone, Copy, Debug)]
pub struct StockFilter {
    /// Only in this warehouse.
    pub warehouse: Option<WarehouseId>,
    /// Only in this area.
    pub area: Option<AreaId>,
    /// Only in this location.
    pub location: Option<LocationId>,
    /// Only of this product.
    pub product: Option<ProductId>,
    /// Only of this batch.
    pub batch: Option<BatchId>,
    /// What had taken effect by then.
    pub as_of: DateTime<Utc>,
    /// What had been recorded by then.
    pub known_at: DateTime<Utc>,
}

/// Keys of a kind, and its plants.
type Row = (i32, i32, Option<i32>, Option<i32>, i64);

/// Plants of each kind: the sum of the lines that had taken effect, and were
/// recorded, by then. Kinds of which nothing stood are not among them.
pub async fn kinds(
    connection: &impl ConnectionTrait,
    filter: StockFilter,
) -> Result<Vec<(Kind, Quantity)>, StoreError> {
    let kind = [
        batch::Column::ProductId,
        batch::Column::ProductStateId,
        batch::Column::ProductSizeId,
        batch::Column::PackagingId,
    ];
    let mut query = narrowed(filter)
        .select_only()
        .columns(kind)
        .column_as(Expr::cust("CAST(SUM(quantity) AS BIGINT)"), "stood");
    for column in kind {
        query = query.group_by(column).order_by_asc(column);
    }
    let rows: Vec<Row> = query
        .having(Expr::cust("SUM(quantity) <> 0"))
        .into_tuple()
        .all(connection)
        .await?;
    let kinds = rows
        .into_iter()
        .map(|(product, state, size, packaging, stood)| {
            let stood = Quantity::new(stood).ok_or(StoreError::Corrupt("quantity"))?;
            Ok((Kind::from_keys(product, state, size, packaging), stood))
        });
    kinds.collect()
}

fn narrowed(filter: StockFilter) -> Select<movement::Entity> {
    let StockFilter {
        warehouse,
        area,
        location,
        product,
        batch,
        as_of,
        known_at,
    } = filter;
    let its_batch = movement::Entity::belongs_to(batch::Entity)
        .from(movement::Column::BatchId)
        .to(batch::Column::BatchId);
    let mut query = movement::Entity::find()
        .join(JoinType::InnerJoin, its_batch.into())
        .filter(movement::Column::EffectiveAt.lte(as_of))
        .filter(movement::Column::CreatedAt.lte(known_at));
    if let Some(warehouse) = warehouse {
        query = query.filter(movement::Column::StorageLocationId.in_subquery(inside(warehouse)));
    }
    if let Some(area) = area {
        let locations = locations().filter(location::Column::StorageAreaId.eq(area.0));
        query =
            query.filter(movement::Column::StorageLocationId.in_subquery(locations.into_query()));
    }
    if let Some(location) = location {
        query = query.filter(movement::Column::StorageLocationId.eq(location.0));
    }
    if let Some(product) = product {
        query = query.filter(batch::Column::ProductId.eq(product.0));
    }
    if let Some(batch) = batch {
        query = query.filter(movement::Column::BatchId.eq(batch.0));
    }
    query
}

/// The locations of a warehouse.
fn inside(warehouse: WarehouseId) -> sea_orm::sea_query::SelectStatement {
    let areas = area::Entity::find()
        .select_only()
        .column(area::Column::StorageAreaId)
        .filter(area::Column::WarehouseId.eq(warehouse.0));
    locations()
        .filter(location::Column::StorageAreaId.in_subquery(areas.into_query()))
        .into_query()
}

fn locations() -> Select<location::Entity> {
    location::Entity::find()
        .select_only()
        .column(location::Column::StorageLocationId)
}
