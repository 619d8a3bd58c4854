//! What the ledger says of a bed, as people who count it see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, JoinType, QuerySelect as _, Select};

use crate::catalog::domain::Kind;
use crate::counting::domain::session::Sort;
use crate::database::StoreError;
use crate::ids::{LocationId, PackagingId, ProductId};
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::entity::{batch, movement};

/// Plants of each sort that stood in a bed at an instant. Sorts of which nothing stood
/// are not among them.
pub async fn sorts_at(
    connection: &impl ConnectionTrait,
    of: LocationId,
    at: DateTime<Utc>,
) -> Result<BTreeMap<Sort, Quantity>, StoreError> {
    let rows: Vec<(i32, Option<i32>, i64)> = lines_of(of, at)
        .select_only()
        .column(batch::Column::ProductId)
        .column(batch::Column::PackagingId)
        .column_as(Expr::cust("CAST(SUM(quantity) AS BIGINT)"), "stood")
        .group_by(batch::Column::ProductId)
        .group_by(batch::Column::PackagingId)
        .having(Expr::cust("SUM(quantity) > 0"))
        .into_tuple()
        .all(connection)
        .await?;
    let sorts = rows.into_iter().map(|(product, packaging, stood)| {
        let stood = Quantity::new(stood).ok_or(StoreError::Corrupt("quantity"))?;
        Ok(((ProductId(product), packaging.map(PackagingId)), stood))
    });
    sorts.collect()
}

/// The kind of which most plants of a sort stood in a bed at an instant.
pub async fn main_kind_at(
    connection: &impl ConnectionTrait,
    of: LocationId,
    (product, packaging): Sort,
    at: DateTime<Utc>,
) -> Result<Option<Kind>, StoreError> {
    let packed = match packaging {
        Some(packaging) => batch::Column::PackagingId.eq(packaging.0),
        None => batch::Column::PackagingId.is_null(),
    };
    let rows: Vec<(i32, Option<i32>, i64)> = lines_of(of, at)
        .filter(batch::Column::ProductId.eq(product.0))
        .filter(packed)
        .select_only()
        .column(batch::Column::ProductStateId)
        .column(batch::Column::ProductSizeId)
        .column_as(Expr::cust("CAST(SUM(quantity) AS BIGINT)"), "stood")
        .group_by(batch::Column::ProductStateId)
        .group_by(batch::Column::ProductSizeId)
        .having(Expr::cust("SUM(quantity) > 0"))
        .into_tuple()
        .all(connection)
        .await?;
    let most = rows.into_iter().max_by_key(|(_, _, stood)| *stood);
    let packaging = packaging.map(|packaging| packaging.0);
    Ok(most.map(|(state, size, _)| Kind::from_keys(product.0, state, size, packaging)))
}

/// Movements that took effect in a bed after an instant, and by another one.
pub async fn movements_between(
    connection: &impl ConnectionTrait,
    of: LocationId,
    after: DateTime<Utc>,
    by: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let number = movement::Entity::find()
        .filter(movement::Column::StorageLocationId.eq(of.0))
        .filter(movement::Column::EffectiveAt.gt(after))
        .filter(movement::Column::EffectiveAt.lte(by))
        .count(connection)
        .await?;
    Ok(i64::try_from(number).unwrap_or(i64::MAX))
}

fn lines_of(of: LocationId, at: DateTime<Utc>) -> Select<movement::Entity> {
    let its_batch = movement::Entity::belongs_to(batch::Entity)
        .from(movement::Column::BatchId)
        .to(batch::Column::BatchId);
    movement::Entity::find()
        .join(JoinType::InnerJoin, its_batch.into())
        .filter(movement::Column::StorageLocationId.eq(of.0))
        .filter(movement::Column::EffectiveAt.lte(at))
}
