//! What happened in a location from count to count, in the proto's words.

use chrono::{DateTime, Utc};
use demeter_proto::stock::v1 as pb;
use tonic::Status;

use super::Api;
use crate::database::snapshot;
use crate::error::Error;
use crate::grpc::fields::{rfc3339, timestamp};
use crate::ids::LocationId;
use crate::months::api::count;
use crate::months::domain::flow::Flow;
use crate::months::store::books::{self, Start};
use crate::places::store::locations;
use crate::reports::domain::{TimelinePeriod, timeline};

// === impl Api ===

impl Api {
    /// The periods of a location, and what they add up to.
    pub(super) async fn timeline(
        &self,
        request: pb::GetTimelineRequest,
    ) -> Result<pb::GetTimelineResponse, Status> {
        let pb::GetTimelineRequest {
            storage_location_id,
            from,
            until,
        } = request;
        let id = LocationId(storage_location_id);
        let from = rfc3339("from", &from)?.unwrap_or(DateTime::<Utc>::MIN_UTC);
        let until = rfc3339("until", &until)?.unwrap_or(DateTime::<Utc>::MAX_UTC);
        let periods = self.periods(id).await?;
        let asked = |period: &TimelinePeriod| from <= period.begins && period.begins < until;
        let periods: Vec<_> = periods.into_iter().filter(asked).collect();
        Ok(pb::GetTimelineResponse {
            summary: Some(summary(&periods)),
            periods: periods.into_iter().map(period).collect(),
        })
    }

    async fn periods(&self, id: LocationId) -> Result<Vec<TimelinePeriod>, Error> {
        let exists = locations::exists(self.connection(), id).await;
        Error::unless(exists, "storage location", id)?;
        let tx = snapshot(self.connection()).await?;
        let now = self.clock.now();
        let read = books::read(&tx, &[id], Start::First, now).await?;
        tx.rollback().await?;
        let told = read.iter().map(|books| timeline(books, now));
        Ok(told.flatten().collect())
    }
}

fn period(of: TimelinePeriod) -> pb::TimelinePeriod {
    let difference = of.difference();
    let TimelinePeriod {
        begins,
        ends,
        initial,
        flow,
        last,
    } = of;
    pb::TimelinePeriod {
        fecha: Some(timestamp(begins)),
        period_end: ends.map(timestamp),
        cantidad_inicial: count(initial),
        plantados: count(flow.planted),
        muertes: count(flow.died),
        transplantes: count(flow.moved_out),
        transplantes_recibidos: count(flow.moved_in),
        ajustes: count(flow.adjusted),
        cantidad_vendida: count(flow.sales()),
        cantidad_final: count(last),
        net_change: count(last - initial),
        balanced: difference == 0,
        difference: count(difference),
    }
}

fn summary(periods: &[TimelinePeriod]) -> pb::TimelineSummary {
    let all: Flow = periods.iter().map(|period| period.flow).sum();
    let ends = periods.first().zip(periods.last());
    pb::TimelineSummary {
        total_periods: i32::try_from(periods.len()).unwrap_or(i32::MAX),
        earliest_date: ends.map(|(first, _)| timestamp(first.begins)),
        latest_date: ends.map(|(_, last)| timestamp(last.begins)),
        total_muertes: count(all.died),
        total_transplantes: count(all.moved_out),
        total_plantados: count(all.planted),
        total_vendidos: count(all.sales()),
        overall_growth_rate_percent: ends
            .and_then(|(first, last)| growth(count(first.initial), count(last.last))),
    }
}

/// In percent; `None` from nothing.
fn growth(from: i32, to: i32) -> Option<f64> {
    (from != 0).then(|| (f64::from(to) - f64::from(from)) / f64::from(from) * 100.0)
}
