//! What late facts changed in months that are closed for good: a later month settles it.

use std::collections::HashMap;

use crate::database::{StoreError, Tx};
use crate::ids::LocationId;
use crate::ledger::domain::batch::Batch;
use crate::ledger::store::{batches, closed_months};
use crate::months::domain::month::Month;
use crate::months::domain::proposal::{Carried, propose};
use crate::months::store::books::{self, Start};
use crate::months::store::{carries, months};

/// What closed months before this one left to it, bed by bed: what they say was sold
/// now, less what they said when they were closed, less what other months settled.
pub(super) async fn carried(
    tx: &Tx,
    month: Month,
    beds: &[LocationId],
) -> Result<HashMap<LocationId, Carried>, StoreError> {
    let mut carried: HashMap<LocationId, Carried> = HashMap::new();
    for closed in closed_months::before(tx, month.key()).await? {
        let late = carries::late(tx, &closed, beds).await?;
        if late.is_empty() {
            continue;
        }
        let closed = Month::from_key(closed.month).ok_or(StoreError::Corrupt("month"))?;
        add(tx, &mut carried, closed, &late).await?;
    }
    let settled = carries::settled(tx, month, beds).await?;
    let batches = batches::some_of(tx, settled.iter().map(|(_, batch, _)| *batch)).await?;
    for (bed, batch, plants) in settled {
        let mut batches = batches.iter().map(Batch::origin);
        let of = batches.find(|origin| origin.id == batch);
        let kind = of.ok_or(StoreError::Corrupt("settled batch"))?.kind;
        *carried.entry(bed).or_default().entry(kind).or_default() -= plants;
    }
    for of in carried.values_mut() {
        of.retain(|_, plants| *plants != 0);
    }
    Ok(carried)
}

/// Adds by how much a closed month says other sales now than when it was closed.
async fn add(
    tx: &Tx,
    carried: &mut HashMap<LocationId, Carried>,
    closed: Month,
    beds: &[LocationId],
) -> Result<(), StoreError> {
    let opened = months::find(tx, closed).await?;
    let rules = opened.ok_or(StoreError::Corrupt("closed month"))?.rules();
    let from = Start::CountsBefore(rules.period.starts);
    let books = books::read(tx, beds, from, rules.period.ends).await?;
    let left = carries::remainders(tx, closed).await?;
    for books in &books {
        let told = propose(books, &rules, &Carried::new());
        let of = carried.entry(books.location).or_default();
        for line in told.lines {
            let left = left.get(&line.first).copied().unwrap_or(0);
            if let Some(own) = line.own() {
                *of.entry(line.kind).or_default() += own - left;
            }
        }
    }
    Ok(())
}
