//! Which locations cover a point: PostGIS with its GiST index, or SQLite's
//! bounding boxes and then the exact test. Both count the boundary as inside.

use demeter_db::{Engine, engine};
use sea_orm::{ConnectionTrait, Statement};

use super::locations::find_all;
use crate::database::StoreError;
use crate::places::domain::outline::Position;
use crate::places::domain::place::{Candidate, Location};

const POSTGRES: &str = "SELECT storage_location_id FROM storage_locations \
     WHERE active AND ST_Covers(geometry, ST_SetSRID(ST_MakePoint($1, $2), 4326))";

const SQLITE: &str = "SELECT l.storage_location_id FROM storage_location_boxes b \
     JOIN storage_locations l ON l.storage_location_id = b.storage_location_id \
     WHERE b.min_longitude <= $1 AND b.max_longitude >= $1 \
       AND b.min_latitude <= $2 AND b.max_latitude >= $2 AND l.active";

/// Active locations whose outline covers a point, nearest centroid first;
/// equally near ones by key.
pub async fn locate(
    connection: &impl ConnectionTrait,
    at: Position,
) -> Result<Vec<Candidate>, StoreError> {
    let sql = match engine(connection) {
        Engine::Postgres => POSTGRES,
        Engine::Sqlite => SQLITE,
    };
    let [longitude, latitude] = at;
    let backend = connection.get_database_backend();
    let statement =
        Statement::from_sql_and_values(backend, sql, [longitude.into(), latitude.into()]);
    let ids = connection
        .query_all_raw(statement)
        .await?
        .iter()
        .map(|row| row.try_get("", "storage_location_id"))
        .collect::<Result<Vec<i32>, _>>()?;
    let mut locations = find_all(connection, &ids).await?;
    if engine(connection) == Engine::Sqlite {
        locations.retain(|location| location.outline.covers(at));
    }
    Ok(nearest_first(locations, at))
}

fn nearest_first(locations: Vec<Location>, from: Position) -> Vec<Candidate> {
    let mut candidates: Vec<_> = locations
        .into_iter()
        .map(|location| Candidate {
            centroid_distance_m: location.outline.centroid_distance_m(from),
            location,
        })
        .collect();
    candidates.sort_by(|a, b| {
        let by_distance = a.centroid_distance_m.total_cmp(&b.centroid_distance_m);
        by_distance.then_with(|| a.location.id.cmp(&b.location.id))
    });
    candidates
}
