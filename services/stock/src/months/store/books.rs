//! The books of many beds at once: one query for their batches, one each for their
//! counts, and one or two for their lines.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::prelude::*;
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ConnectionTrait, QuerySelect as _};

use crate::catalog::domain::Kind;
use crate::catalog::store::entity::state;
use crate::database::StoreError;
use crate::ids::{BatchId, HandCountId, LocationId, MonthActId, MovementId, ProductId, SessionId};
use crate::ledger::domain::fact::{Effective, FactId, Named, TimeSource};
use crate::ledger::domain::movement::MovementType;
use crate::ledger::store::entity::{batch, hand_count, movement, photo_count};
use crate::months::domain::books::{BedBooks, Counted, Line, Plot};
use crate::months::domain::flow::Class;

/// From which instant on the lines of a bed are read.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// The first one.
    First,
    /// The last counts at or before an instant, which say what stood there then.
    CountsBefore(DateTime<Utc>),
}

/// Keys, product, state, size, packaging, planting, creation and plants of a batch.
type BatchRow = (
    Uuid,
    i32,
    i32,
    i32,
    Option<i32>,
    Option<i32>,
    Option<NaiveDate>,
    DateTime<Utc>,
    i64,
);

/// A line as it is read: slim, because there are many.
#[derive(sea_orm::FromQueryResult)]
struct LineRow {
    movement_id: Uuid,
    batch_id: Uuid,
    storage_location_id: i32,
    movement_type: String,
    quantity: i64,
    processing_session_id: Option<Uuid>,
    hand_count_id: Option<Uuid>,
    corrected_movement_id: Option<Uuid>,
    month_act_id: Option<Uuid>,
    reverses_movement_id: Option<Uuid>,
    allocated: bool,
    effective_at: DateTime<Utc>,
}

/// The books of these beds up to an instant, in their order.
pub async fn read(
    connection: &impl ConnectionTrait,
    beds: &[LocationId],
    from: Start,
    until: DateTime<Utc>,
) -> Result<Vec<BedBooks>, StoreError> {
    let mut books: BTreeMap<LocationId, BedBooks> =
        beds.iter().map(|bed| (*bed, empty(*bed))).collect();
    for (bed, batch, plot) in plots(connection, beds).await? {
        if let Some(books) = books.get_mut(&bed) {
            books.plots.insert(batch, plot);
        }
    }
    for (bed, count) in counts(connection, beds, until).await? {
        if let Some(books) = books.get_mut(&bed) {
            books.counts.push(count);
        }
    }
    for books in books.values_mut() {
        books.counts.sort_by_key(Counted::order);
    }
    for rows in lines(connection, &books, from).await? {
        add(&mut books, &rows)?;
    }
    Ok(beds.iter().filter_map(|bed| books.remove(bed)).collect())
}

const fn empty(location: LocationId) -> BedBooks {
    BedBooks {
        location,
        plots: BTreeMap::new(),
        counts: Vec::new(),
        lines: Vec::new(),
    }
}

async fn plots(
    connection: &impl ConnectionTrait,
    beds: &[LocationId],
) -> Result<Vec<(LocationId, BatchId, Plot)>, StoreError> {
    let sellable: HashSet<i32> = state::Entity::find()
        .select_only()
        .column(state::Column::ProductStateId)
        .filter(state::Column::IsSellable.eq(true))
        .into_tuple()
        .all(connection)
        .await?
        .into_iter()
        .collect();
    let rows: Vec<BatchRow> = batch::Entity::find()
        .select_only()
        .columns([
            batch::Column::BatchId,
            batch::Column::StorageLocationId,
            batch::Column::ProductId,
            batch::Column::ProductStateId,
            batch::Column::ProductSizeId,
            batch::Column::PackagingId,
            batch::Column::PlantingDate,
            batch::Column::CreatedAt,
            batch::Column::QuantityCurrent,
        ])
        .filter(batch::Column::StorageLocationId.is_in(keys(beds)))
        .into_tuple()
        .all(connection)
        .await?;
    let plots = rows.into_iter().map(|row| {
        let (batch, bed, product, state, size, packaging, planted, created, current) = row;
        let plot = Plot {
            kind: Kind::from_keys(product, state, size, packaging),
            is_sellable: sellable.contains(&state),
            since: planted.unwrap_or_else(|| created.date_naive()),
            current,
        };
        (LocationId(bed), BatchId(batch), plot)
    });
    Ok(plots.collect())
}

/// The counts of these beds. A photo that an earlier version passed over says nothing.
async fn counts(
    connection: &impl ConnectionTrait,
    beds: &[LocationId],
    until: DateTime<Utc>,
) -> Result<Vec<(LocationId, Counted)>, StoreError> {
    let told = Query::select()
        .column(movement::Column::ProcessingSessionId)
        .from(movement::Entity)
        .and_where(movement::Column::ProcessingSessionId.is_not_null())
        .to_owned();
    let speaks = Condition::any()
        .add(photo_count::Column::Superseded.eq(false))
        .add(photo_count::Column::Quantity.eq(0))
        .add(photo_count::Column::ProcessingSessionId.in_subquery(told));
    let photos: Vec<(i32, Uuid, DateTime<Utc>)> = photo_count::Entity::find()
        .select_only()
        .columns([
            photo_count::Column::StorageLocationId,
            photo_count::Column::ProcessingSessionId,
            photo_count::Column::ObservedAt,
        ])
        .filter(photo_count::Column::StorageLocationId.is_in(keys(beds)))
        .filter(photo_count::Column::ObservedAt.lte(until))
        .filter(speaks)
        .into_tuple()
        .all(connection)
        .await?;
    let by_hand: Vec<(i32, Uuid, i32, DateTime<Utc>, String)> = hand_count::Entity::find()
        .select_only()
        .columns([
            hand_count::Column::StorageLocationId,
            hand_count::Column::HandCountId,
            hand_count::Column::ProductId,
            hand_count::Column::ObservedAt,
            hand_count::Column::ObservedSource,
        ])
        .filter(hand_count::Column::StorageLocationId.is_in(keys(beds)))
        .filter(hand_count::Column::ObservedAt.lte(until))
        .into_tuple()
        .all(connection)
        .await?;
    let photos = photos.into_iter().map(|(bed, id, at)| {
        let source = TimeSource::Photo;
        Ok((LocationId(bed), counted(id, at, source, None)))
    });
    let by_hand = by_hand.into_iter().map(|(bed, id, product, at, source)| {
        let source = TimeSource::from_code(&source).ok_or(StoreError::Corrupt("count by hand"))?;
        let count = counted(id, at, source, Some(ProductId(product)));
        Ok((LocationId(bed), count))
    });
    photos.chain(by_hand).collect()
}

const fn counted(
    id: Uuid,
    at: DateTime<Utc>,
    source: TimeSource,
    product: Option<ProductId>,
) -> Counted {
    Counted {
        id,
        effective: Effective { at, source },
        product,
        allocated: false,
    }
}

/// The lines of beds from their first instant on. Most beds are counted every month;
/// those that were not for long are read apart, so that they do not make the others
/// read all that long time too.
async fn lines(
    connection: &impl ConnectionTrait,
    books: &BTreeMap<LocationId, BedBooks>,
    from: Start,
) -> Result<Vec<Vec<LineRow>>, StoreError> {
    let Start::CountsBefore(at) = from else {
        let beds: Vec<LocationId> = books.keys().copied().collect();
        return Ok(vec![since(connection, &beds, DateTime::UNIX_EPOCH).await?]);
    };
    let of_late = at - chrono::TimeDelta::days(45);
    let (late, long_ago): (Vec<_>, Vec<_>) = books
        .values()
        .map(|books| (first_instant(books, at), books.location))
        .partition(|(first, _)| *first >= of_late);
    let mut read = Vec::new();
    for beds in [late, long_ago] {
        let Some(first) = beds.iter().map(|(first, _)| *first).min() else {
            continue;
        };
        let beds: Vec<LocationId> = beds.into_iter().map(|(_, bed)| bed).collect();
        read.push(since(connection, &beds, first).await?);
    }
    Ok(read)
}

/// The earliest of the last counts, product by product, at or before an instant.
fn first_instant(books: &BedBooks, at: DateTime<Utc>) -> DateTime<Utc> {
    let products: HashSet<ProductId> = books.plots.values().map(|plot| plot.kind.product).collect();
    let counts = products.into_iter().filter_map(|product| {
        let mut before = books.counts_of(product).rev();
        before.find(|count| count.at() <= at)
    });
    counts.map(Counted::at).min().unwrap_or(at).min(at)
}

async fn since(
    connection: &impl ConnectionTrait,
    beds: &[LocationId],
    first: DateTime<Utc>,
) -> Result<Vec<LineRow>, StoreError> {
    let rows = movement::Entity::find()
        .select_only()
        .columns([
            movement::Column::MovementId,
            movement::Column::BatchId,
            movement::Column::StorageLocationId,
            movement::Column::MovementType,
            movement::Column::Quantity,
            movement::Column::ProcessingSessionId,
            movement::Column::HandCountId,
            movement::Column::CorrectedMovementId,
            movement::Column::MonthActId,
            movement::Column::ReversesMovementId,
            movement::Column::Allocated,
            movement::Column::EffectiveAt,
        ])
        .filter(movement::Column::StorageLocationId.is_in(keys(beds)))
        .filter(movement::Column::EffectiveAt.gte(first))
        .into_model::<LineRow>()
        .all(connection)
        .await?;
    Ok(rows)
}

/// Adds lines to the books of their beds, and says which counts were shared out.
fn add(books: &mut BTreeMap<LocationId, BedBooks>, rows: &[LineRow]) -> Result<(), StoreError> {
    let mut entered = HashMap::new();
    for row in rows {
        let of = movement_type(row)?;
        // What takes back plants that came is of their kind, below zero.
        let inbound = (row.quantity > 0) != row.reverses_movement_id.is_some();
        entered.insert(row.movement_id, (of, inbound));
    }
    let mut shared: HashSet<Uuid> = HashSet::new();
    for row in rows {
        let Some(books) = books.get_mut(&LocationId(row.storage_location_id)) else {
            continue;
        };
        shared.extend(row.processing_session_id.filter(|_| row.allocated));
        let fact = row.fact();
        let of_fact = entered.get(&fact.uuid()).copied();
        books.lines.push(Line {
            batch: BatchId(row.batch_id),
            at: row.effective_at,
            class: Class::of(fact, movement_type(row)?, of_fact),
            plants: row.quantity,
            of_month: row.month_act_id.is_some(),
        });
    }
    for count in books.values_mut().flat_map(|books| &mut books.counts) {
        count.allocated |= shared.contains(&count.id);
    }
    Ok(())
}

fn movement_type(row: &LineRow) -> Result<MovementType, StoreError> {
    MovementType::from_code(&row.movement_type).ok_or(StoreError::Corrupt("movement type"))
}

fn keys(beds: &[LocationId]) -> impl Iterator<Item = i32> {
    beds.iter().map(|bed| bed.0)
}

// === impl LineRow ===

impl LineRow {
    fn fact(&self) -> FactId {
        let named = Named {
            entry: self.corrected_movement_id.map(MovementId),
            photo: self.processing_session_id.map(SessionId),
            hand: self.hand_count_id.map(HandCountId),
            month: self.month_act_id.map(MonthActId),
        };
        named.fact_of(MovementId(self.movement_id))
    }
}
