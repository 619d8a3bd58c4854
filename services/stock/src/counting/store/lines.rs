//! What posted count sessions said of each bed and kind.

use std::collections::BTreeMap;

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::session_line;
use crate::catalog::domain::Kind;
use crate::counting::domain::session::{Counted, CountedBed, Line};
use crate::database::StoreError;
use crate::ids::{CountSessionId, HandCountId, LocationId};
use crate::ledger::domain::quantity::Quantity;

/// What was posted of each bed of a session. Beds that nobody counted are not among
/// them, and no bed has a code yet.
pub async fn of_session(
    connection: &impl ConnectionTrait,
    id: CountSessionId,
) -> Result<BTreeMap<LocationId, CountedBed>, StoreError> {
    let rows = session_line::Entity::find()
        .filter(session_line::Column::CountSessionId.eq(id.0))
        .order_by_asc(session_line::Column::ProductId)
        .order_by_asc(session_line::Column::PackagingId)
        .all(connection)
        .await?;
    let mut beds: BTreeMap<LocationId, CountedBed> = BTreeMap::new();
    for row in rows {
        let location = LocationId(row.storage_location_id);
        let bed = beds.entry(location).or_insert_with(|| CountedBed {
            location,
            code: String::new(),
            counted_at: Some(row.counted_at),
            lines: Vec::new(),
            movements_meanwhile: row.movements_meanwhile,
        });
        bed.lines.push(line(&row)?);
    }
    Ok(beds)
}

/// Keeps what was posted of a bed.
pub async fn insert(
    connection: &impl ConnectionTrait,
    session: CountSessionId,
    bed: &CountedBed,
) -> Result<(), StoreError> {
    let rows = bed.lines.iter().filter_map(|line| row(session, bed, line));
    session_line::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// The row of a line that was posted; `None` where nothing was counted.
fn row(
    session: CountSessionId,
    bed: &CountedBed,
    line: &Line,
) -> Option<session_line::ActiveModel> {
    let counted = line.counted?;
    let (product, state, size, packaging) = counted.kind.keys();
    Some(session_line::ActiveModel {
        count_session_id: Set(session.0),
        storage_location_id: Set(bed.location.0),
        product_id: Set(product),
        product_state_id: Set(state),
        product_size_id: Set(size),
        packaging_id: Set(packaging),
        expected: Set(line.expected.get()),
        counted: Set(counted.plants.get()),
        movements_meanwhile: Set(bed.movements_meanwhile),
        counted_at: Set(bed.counted_at?),
        hand_count_id: Set(counted.posted?.0),
    })
}

fn line(row: &session_line::Model) -> Result<Line, StoreError> {
    let kind = Kind::from_keys(
        row.product_id,
        row.product_state_id,
        row.product_size_id,
        row.packaging_id,
    );
    let plants = |plants| Quantity::new(plants).ok_or(StoreError::Corrupt("line of a count"));
    Ok(Line {
        sort: (kind.product, kind.packaging),
        expected: plants(row.expected)?,
        counted: Some(Counted {
            kind,
            plants: plants(row.counted)?,
            posted: Some(HandCountId(row.hand_count_id)),
        }),
    })
}
