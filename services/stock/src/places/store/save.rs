//! Writes of the place hierarchy: each level by code, inside the one around it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ActiveValue, ConnectionTrait, IntoActiveModel, NotSet, Set};

use super::entity::{area, location, warehouse};
use super::outlines;
use crate::database::StoreError;
use crate::places::domain::hierarchy::{Place, qr_code, side};
use crate::places::domain::place::WarehouseType;

/// What storing a place did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is new, or its name, outline or parent changed.
    Changed,
    /// It was there as it is.
    Unchanged,
}

/// Where the stored places of one level are, by their codes.
pub type Keys = HashMap<String, Around>;

/// A stored place, as those inside it need it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    key: i32,
    /// Key of the place around this one; 0 around a warehouse.
    outer: i32,
}

/// A place as its row is to say it.
struct Wanted<'a> {
    place: &'a Place,
    outline: String,
    around: Around,
    now: DateTime<Utc>,
}

/// A level of the hierarchy, as its table keeps it.
trait Level: EntityTrait {
    fn key(row: &Self::Model) -> i32;

    fn code(row: &Self::Model) -> &str;

    /// Whether a row says already what it is to say.
    fn says(row: &Self::Model, wanted: &Wanted<'_>) -> bool;

    /// The row of a place: of the one with the key `old`, or of a new one.
    fn row(wanted: Wanted<'_>, old: Option<i32>) -> Self::ActiveModel;
}

/// Stores warehouses.
pub async fn warehouses(
    connection: &impl ConnectionTrait,
    places: &[Place],
    now: DateTime<Utc>,
) -> Result<(Keys, Vec<Stored>), StoreError> {
    save::<warehouse::Entity>(connection, places, &Keys::new(), now).await
}

/// Stores areas inside warehouses.
pub async fn areas(
    connection: &impl ConnectionTrait,
    places: &[Place],
    warehouses: &Keys,
    now: DateTime<Utc>,
) -> Result<(Keys, Vec<Stored>), StoreError> {
    save::<area::Entity>(connection, places, warehouses, now).await
}

/// Stores locations inside areas.
pub async fn locations(
    connection: &impl ConnectionTrait,
    places: &[Place],
    areas: &Keys,
    now: DateTime<Utc>,
) -> Result<(Keys, Vec<Stored>), StoreError> {
    save::<location::Entity>(connection, places, areas, now).await
}

async fn save<L>(
    connection: &impl ConnectionTrait,
    places: &[Place],
    around: &Keys,
    now: DateTime<Utc>,
) -> Result<(Keys, Vec<Stored>), StoreError>
where
    L: Level,
    L::Model: IntoActiveModel<L::ActiveModel>,
    L::ActiveModel: Send,
{
    let rows = L::find().all(connection).await?;
    let known: HashMap<_, _> = rows.iter().map(|row| (L::code(row), row)).collect();
    let (mut keys, mut outcomes) = (Keys::new(), Vec::new());
    for place in places {
        let wanted = Wanted::new(place, around, now)?;
        let outer = wanted.around.key;
        let (key, stored) = match known.get(place.code.as_str()) {
            Some(row) if L::says(row, &wanted) => (L::key(row), Stored::Unchanged),
            Some(row) => {
                let key = L::key(row);
                L::row(wanted, Some(key)).update(connection).await?;
                (key, Stored::Changed)
            }
            None => {
                let row = L::row(wanted, None).insert(connection).await?;
                (L::key(&row), Stored::Changed)
            }
        };
        keys.insert(place.code.clone(), Around { key, outer });
        outcomes.push(stored);
    }
    Ok((keys, outcomes))
}

// === impl Wanted ===

impl<'a> Wanted<'a> {
    fn new(place: &'a Place, around: &Keys, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let around = match around.get(&place.parent) {
            Some(around) => *around,
            None if place.parent.is_empty() => Around::default(),
            None => return Err(StoreError::Corrupt("parent of a place")),
        };
        Ok(Self {
            place,
            outline: outlines::text(&place.outline)?,
            around,
            now,
        })
    }
}

/// What a row says from its first day on.
fn once<T: Into<Value>>(old: Option<i32>, value: T) -> ActiveValue<T> {
    if old.is_none() { Set(value) } else { NotSet }
}

// === the levels ===

/// The columns that every level has; the others follow.
macro_rules! row {
    ($table:ident, $key:ident, $wanted:ident, $old:ident, $($own:tt)*) => {{
        let Wanted { place, outline, around: _, now } = $wanted;
        let [longitude, latitude] = place.outline.centroid();
        $table::ActiveModel {
            $key: $old.map_or(NotSet, ActiveValue::Unchanged),
            code: Set(place.code.clone()),
            name: Set(place.name.clone()),
            outline: Set(outline),
            centroid_longitude: Set(longitude),
            centroid_latitude: Set(latitude),
            area_m2: Set(place.outline.area_m2()),
            active: once($old, true),
            created_at: once($old, now),
            updated_at: Set(now),
            $($own)*
        }
    }};
}

impl Level for warehouse::Entity {
    fn key(row: &warehouse::Model) -> i32 {
        row.warehouse_id
    }

    fn code(row: &warehouse::Model) -> &str {
        &row.code
    }

    fn says(row: &warehouse::Model, wanted: &Wanted<'_>) -> bool {
        row.name == wanted.place.name && row.outline == wanted.outline
    }

    fn row(wanted: Wanted<'_>, old: Option<i32>) -> warehouse::ActiveModel {
        let built = WarehouseType::Greenhouse.code().to_owned();
        row!(warehouse, warehouse_id, wanted, old, warehouse_type: once(old, built))
    }
}

impl Level for area::Entity {
    fn key(row: &area::Model) -> i32 {
        row.storage_area_id
    }

    fn code(row: &area::Model) -> &str {
        &row.code
    }

    fn says(row: &area::Model, wanted: &Wanted<'_>) -> bool {
        row.name == wanted.place.name
            && row.outline == wanted.outline
            && row.warehouse_id == wanted.around.key
    }

    fn row(wanted: Wanted<'_>, old: Option<i32>) -> area::ActiveModel {
        let warehouse = wanted.around.key;
        let side = side(&wanted.place.name).unwrap_or_default().to_owned();
        row!(
            area, storage_area_id, wanted, old,
            warehouse_id: Set(warehouse),
            position: Set(side),
        )
    }
}

impl Level for location::Entity {
    fn key(row: &location::Model) -> i32 {
        row.storage_location_id
    }

    fn code(row: &location::Model) -> &str {
        &row.code
    }

    fn says(row: &location::Model, wanted: &Wanted<'_>) -> bool {
        row.name == wanted.place.name
            && row.outline == wanted.outline
            && row.storage_area_id == wanted.around.key
    }

    fn row(wanted: Wanted<'_>, old: Option<i32>) -> location::ActiveModel {
        let Around { key, outer } = wanted.around;
        let qr_code = qr_code(&wanted.place.code);
        row!(
            location, storage_location_id, wanted, old,
            storage_area_id: Set(key),
            warehouse_id: Set(outer),
            qr_code: once(old, qr_code),
            description: once(old, String::new()),
        )
    }
}
