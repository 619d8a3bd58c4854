//! Closed books take nothing.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::database::Tx;
use crate::error::{Error, Refusal};
use crate::ledger::domain::closed::ClosedMonths;
use crate::ledger::store::closed_months;

/// Refuses a fact of an instant that is closed for good, if the nursery chose so.
/// Whoever asks has locked the bed: a month is closed with all beds locked.
pub(super) async fn check(
    tx: &Tx,
    at: DateTime<Utc>,
    closed_months: ClosedMonths,
) -> Result<(), Error> {
    if closed_months == ClosedMonths::Carry {
        return Ok(());
    }
    match closed_months::last(tx).await? {
        Some(closed) if at <= closed.ends_at => Err(Refusal::PeriodClosed {
            month: name(closed.month),
            ends_at: closed.ends_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
        .into()),
        Some(_) | None => Ok(()),
    }
}

/// 202610 is October 2026.
fn name(month: i32) -> String {
    let number = u32::try_from(month % 100).unwrap_or(0);
    let first = NaiveDate::from_ymd_opt(month / 100, number, 1);
    first.map_or_else(String::new, |first| first.format("%B %Y").to_string())
}
