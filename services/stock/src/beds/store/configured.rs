//! Locations with what is expected to grow in them now.

use std::collections::HashMap;

use sea_orm::prelude::*;
use sea_orm::sea_query::{Condition, SelectStatement};
use sea_orm::{ConnectionTrait, QuerySelect as _, QueryTrait as _};

use super::configurations;
use super::entity::configuration;
use crate::beds::domain::configuration::Configuration;
use crate::beds::domain::freshness::{Ages, Freshness};
use crate::database::{Page, Paging, StoreError};
use crate::ids::{AreaId, LocationId, WarehouseId};
use crate::places::domain::place::Location;
use crate::places::store::entity::location;

/// Which locations.
#[derive(Clone, Copy, Debug)]
pub struct ConfiguredFilter {
    /// Only in this warehouse.
    pub warehouse: Option<WarehouseId>,
    /// Only in this area.
    pub area: Option<AreaId>,
    /// Only with a configuration that is so fresh.
    pub freshness: Option<Freshness>,
}

/// A page of the locations in use, by code, with their active configurations.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: ConfiguredFilter,
    ages: Ages,
    paging: &Paging,
) -> Result<Page<(Location, Option<Configuration>)>, StoreError> {
    let query = location::Entity::find().filter(narrowed(filter, ages));
    let keys = [location::Column::Code];
    let page = paging
        .rising(connection, query, &keys, Location::try_from)
        .await?;
    let ids: Vec<LocationId> = page.items.iter().map(|place| place.id).collect();
    let active = configurations::active(connection, &ids).await?;
    let mut active: HashMap<LocationId, Configuration> =
        active.into_iter().map(|one| (one.location, one)).collect();
    let items = page.items.into_iter().map(|place| {
        let configuration = active.remove(&place.id);
        (place, configuration)
    });
    Ok(Page {
        items: items.collect(),
        next_token: page.next_token,
    })
}

fn narrowed(filter: ConfiguredFilter, ages: Ages) -> Condition {
    let ConfiguredFilter {
        warehouse,
        area,
        freshness,
    } = filter;
    let changed = configuration::Column::UpdatedAt;
    let id = location::Column::StorageLocationId;
    let with = |when: Condition| id.in_subquery(active(when));
    let fresh = freshness.map(|freshness| match freshness {
        Freshness::Missing => id.not_in_subquery(active(Condition::all())),
        Freshness::New => with(Condition::all().add(changed.gt(ages.new_after))),
        Freshness::Old => with(Condition::all().add(changed.lt(ages.old_before))),
        Freshness::Fine => with(
            Condition::all()
                .add(changed.lte(ages.new_after))
                .add(changed.gte(ages.old_before)),
        ),
    });
    Condition::all()
        .add(location::Column::Active.eq(true))
        .add_option(warehouse.map(|of| location::Column::WarehouseId.eq(of.0)))
        .add_option(area.map(|of| location::Column::StorageAreaId.eq(of.0)))
        .add_option(fresh)
}

/// The locations that have an active configuration.
fn active(when: Condition) -> SelectStatement {
    configuration::Entity::find()
        .select_only()
        .column(configuration::Column::StorageLocationId)
        .filter(configuration::Column::ClosedAt.is_null())
        .filter(when)
        .into_query()
}
