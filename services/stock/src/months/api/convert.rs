//! `month.proto` and `month_service.proto`, to the domain and back. Every field is
//! named, so that a changed proto stops the build.

use std::collections::HashSet;

use demeter_proto::stock::v1 as pb;

use super::count;
use crate::grpc::fields::{request_key, timestamp};
use crate::ids::LocationId;
use crate::invalid::Invalid;
use crate::months::domain::act::{Act, Approval, Opened};
use crate::months::domain::flow::Flow;
use crate::months::domain::month::{Month, Period};
use crate::months::domain::proposal::{Boundary, KindLine, Proposal, Verdict};
use crate::months::domain::sales::{Comparison, Verdict as SalesVerdict};
use crate::months::usecase::{
    Approve, BedMonth, Close, Compared, Named, Open, Reconciled, Reopen, Standing, standing_of,
};

/// The month of a request.
pub(super) fn month(year: i32, number: i32) -> Result<Month, Invalid> {
    let number = u32::try_from(number).unwrap_or(0);
    Month::new(year, number).ok_or_else(|| Invalid::new("month", "must be 1 to 12"))
}

impl TryFrom<pb::OpenMonthRequest> for Open {
    type Error = Invalid;

    fn try_from(mut request: pb::OpenMonthRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.request_id);
        let key = request_key("open_month", &id, &request)?;
        let pb::OpenMonthRequest {
            request_id: _,
            year,
            month: number,
        } = request;
        Ok(Self {
            key,
            month: month(year, number)?,
        })
    }
}

impl TryFrom<pb::ApproveBedsRequest> for Approve {
    type Error = Invalid;

    fn try_from(mut request: pb::ApproveBedsRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.request_id);
        let key = request_key("approve_beds", &id, &request)?;
        let pb::ApproveBedsRequest {
            request_id: _,
            year,
            month: number,
            beds,
        } = request;
        let mut named = HashSet::new();
        let beds = beds.into_iter().enumerate().map(|(place, bed)| {
            let pb::BedApproval {
                storage_location_id,
                digest,
            } = bed;
            if !named.insert(storage_location_id) {
                let field = format!("beds[{place}].storage_location_id");
                return Err(Invalid::new(field, "must be named once"));
            }
            Ok(Named {
                location: LocationId(storage_location_id),
                digest,
            })
        });
        Ok(Self {
            beds: beds.collect::<Result<_, _>>()?,
            key,
            month: month(year, number)?,
        })
    }
}

impl TryFrom<pb::ReopenBedsRequest> for Reopen {
    type Error = Invalid;

    fn try_from(mut request: pb::ReopenBedsRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.request_id);
        let key = request_key("reopen_beds", &id, &request)?;
        let pb::ReopenBedsRequest {
            request_id: _,
            year,
            month: number,
            storage_location_ids,
            reason,
        } = request;
        Ok(Self {
            key,
            month: month(year, number)?,
            beds: storage_location_ids.into_iter().map(LocationId).collect(),
            reason: reason.trim().to_owned(),
        })
    }
}

impl TryFrom<pb::CloseMonthRequest> for Close {
    type Error = Invalid;

    fn try_from(mut request: pb::CloseMonthRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.request_id);
        let key = request_key("close_month", &id, &request)?;
        let pb::CloseMonthRequest {
            request_id: _,
            year,
            month: number,
            leave_unapproved,
        } = request;
        Ok(Self {
            key,
            month: month(year, number)?,
            leave_unapproved,
        })
    }
}

impl From<Opened> for pb::Month {
    fn from(opened: Opened) -> Self {
        let Opened {
            month,
            period: Period { starts, ends },
            closing_within,
            by,
            at,
            closed,
        } = opened;
        let (year, number) = month.numbers();
        let (closed_by, closed_at) = closed.unzip();
        Self {
            year,
            month: number,
            start_time: Some(timestamp(starts)),
            end_time: Some(timestamp(ends)),
            closing_count_days: count(closing_within.num_days()),
            opened_by: by,
            open_time: Some(timestamp(at)),
            closed_by,
            close_time: closed_at.map(timestamp),
        }
    }
}

impl From<Act> for pb::ApproveBedsResponse {
    fn from(act: Act) -> Self {
        Self {
            month_act_id: act.id.to_string(),
            beds: count(act.beds),
            sales: count(act.sold),
        }
    }
}

impl From<Act> for pb::ReopenBedsResponse {
    fn from(act: Act) -> Self {
        Self {
            month_act_id: act.id.to_string(),
            beds: count(act.beds),
            sales: count(-act.sold),
        }
    }
}

/// How a bed stands, and why it is not ready.
const fn status(standing: Standing) -> (pb::BedStatus, pb::BedReason) {
    use pb::BedReason::{MorePlants, NoClosingCount, NoOpeningCount, NotSellable, Unspecified};
    use pb::BedStatus::{Approved, Empty, NeedsReview, Ready, Unreconcilable};
    match standing {
        Standing::Empty => (Empty, Unspecified),
        Standing::Approved => (Approved, Unspecified),
        Standing::Told(Verdict::Ready) => (Ready, Unspecified),
        Standing::Told(Verdict::NotSellable) => (NeedsReview, NotSellable),
        Standing::Told(Verdict::MorePlants) => (NeedsReview, MorePlants),
        Standing::Told(Verdict::NoClosing) => (Unreconcilable, NoClosingCount),
        Standing::Told(Verdict::NoOpening) => (Unreconcilable, NoOpeningCount),
    }
}

/// What to do about a bed that is not ready.
const fn remedy(reason: pb::BedReason) -> &'static str {
    match reason {
        pb::BedReason::Unspecified => "",
        pb::BedReason::MorePlants => {
            "count the bed again, or enter what came: an ajuste with its reason, dated before \
             the closing count"
        }
        pb::BedReason::NotSellable => {
            "enter what became of the plants: muerte, or an ajuste with its reason, dated before \
             the closing count"
        }
        pb::BedReason::NoOpeningCount => {
            "count the bed: the month after the count can be reconciled"
        }
        pb::BedReason::NoClosingCount => {
            "count the bed in the last days of the month, or send the count that was made then"
        }
    }
}

impl From<BedMonth> for pb::BedProposal {
    fn from(told: BedMonth) -> Self {
        let (status, reason) = status(told.standing());
        let outdated = told.is_outdated();
        let BedMonth {
            bed,
            proposal,
            approval,
        } = told;
        let proposed_sales = count(proposal.sales());
        let Proposal {
            location,
            lines,
            remainder,
            read: _,
            digest,
        } = proposal;
        Self {
            storage_location_id: location.0,
            code: bed.code,
            status: status.into(),
            reason: reason.into(),
            remedy: remedy(reason).to_owned(),
            kinds: lines.into_iter().map(pb::KindProposal::from).collect(),
            proposed_sales,
            remainder: count(remainder),
            digest,
            approval: approval.map(|approval| told_approval(approval, outdated)),
        }
    }
}

fn told_approval(approval: Approval, outdated: bool) -> pb::MonthApproval {
    let Approval {
        act,
        location: _,
        sold,
        read: _,
        user,
        at,
    } = approval;
    pb::MonthApproval {
        month_act_id: act.to_string(),
        sales: count(sold),
        user_id: user,
        approve_time: Some(timestamp(at)),
        outdated,
    }
}

impl From<KindLine> for pb::KindProposal {
    fn from(line: KindLine) -> Self {
        let (expected, unexplained) = (line.expected(), line.missing());
        let proposed_sales = count(line.proposed());
        let KindLine {
            kind,
            opening,
            closing,
            flow,
            prior,
            first: _,
            allocated,
            verdict,
            sales,
        } = line;
        let (status, reason) = status(Standing::Told(verdict));
        let (product_id, product_state_id, product_size_id, packaging_id) = kind.keys();
        let recorded_sales = count(flow.sales());
        let summary = pb::MovementsSummary::from(flow);
        let at = |boundary: Option<Boundary>| boundary.map(|it| timestamp(it.effective.at));
        let plants = |boundary: Option<Boundary>| boundary.map(|it| count(it.plants));
        let sale = |(batch, plants): (crate::ids::BatchId, i64)| pb::BatchSale {
            batch_id: batch.to_string(),
            quantity: count(plants),
        };
        Self {
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            status: status.into(),
            reason: reason.into(),
            opening: plants(opening),
            opening_time: at(opening),
            planted: summary.planted,
            moved_in: summary.moved_in,
            moved_out: summary.moved_out,
            deaths: summary.deaths,
            adjustments: summary.adjustments,
            expected: expected.map(count),
            closing: plants(closing),
            closing_time: at(closing),
            recorded_sales,
            unexplained: unexplained.map(count),
            proposed_sales,
            allocated,
            prior_period: count(prior),
            batches: sales.into_iter().map(sale).collect(),
        }
    }
}

impl From<Flow> for pb::MovementsSummary {
    fn from(flow: Flow) -> Self {
        let Flow {
            planted,
            moved_in,
            moved_out,
            died,
            adjusted,
            // Sales are told apart, and what counts found is no movement.
            sold: _,
            approved: _,
            counted: _,
        } = flow;
        Self {
            planted: count(planted),
            moved_in: count(moved_in),
            moved_out: count(moved_out),
            deaths: count(died),
            adjustments: count(adjusted),
        }
    }
}

impl From<Reconciled> for pb::GetReconciliationResponse {
    fn from(told: Reconciled) -> Self {
        let Reconciled {
            opening,
            flow,
            expected,
            closing,
            prior,
            proposed,
            remainder,
            beds,
        } = told;
        let counts = standing_of(&beds).into_iter().map(|(standing, beds)| {
            let (status, _) = status(standing);
            (status, i32::try_from(beds).unwrap_or(i32::MAX))
        });
        let mut of_status = std::collections::BTreeMap::new();
        for (status, beds) in counts {
            *of_status.entry(i32::from(status)).or_default() += beds;
        }
        let remarks = |wanted: pb::BedStatus| {
            let told = beds.iter().map(|bed| (bed, status(bed.standing())));
            let remarks = told.filter(|(_, (status, _))| *status == wanted);
            let remarks = remarks.map(|(bed, (_, reason))| pb::BedRemark {
                storage_location_id: bed.bed.id.0,
                code: bed.bed.code.clone(),
                reason: reason.into(),
            });
            remarks.collect()
        };
        Self {
            opening_count: count(opening),
            movements_summary: Some(flow.into()),
            expected_count: count(expected),
            closing_count: count(closing),
            calculated_sales: count(flow.sales() + proposed),
            recorded_sales: count(flow.sales()),
            remainder: count(remainder),
            prior_period: count(prior),
            beds: of_status
                .into_iter()
                .map(|(status, beds)| pb::BedCount { status, beds })
                .collect(),
            unreconcilable: remarks(pb::BedStatus::Unreconcilable),
            needs_review: remarks(pb::BedStatus::NeedsReview),
        }
    }
}

impl From<Compared> for pb::CompareSalesResponse {
    fn from(told: Compared) -> Self {
        let Compared {
            comparisons,
            actual,
            calculated,
            verdict,
        } = told;
        let unknown = comparisons
            .iter()
            .filter(|one| one.verdict == SalesVerdict::Unknown);
        Self {
            unknown_skus: unknown.map(|one| one.name.clone()).collect(),
            comparisons: comparisons.into_iter().map(comparison).collect(),
            actual: count(actual),
            calculated: count(calculated),
            verdict: pb::SalesVerdict::from(verdict).into(),
        }
    }
}

fn comparison(one: Comparison) -> pb::SalesComparison {
    let Comparison {
        lines,
        name,
        actual,
        calculated,
        verdict,
    } = one;
    pb::SalesComparison {
        lines: lines
            .into_iter()
            .map(|line| i32::try_from(line).unwrap_or(i32::MAX))
            .collect(),
        name,
        actual: count(actual),
        calculated: count(calculated),
        verdict: pb::SalesVerdict::from(verdict).into(),
    }
}

impl From<SalesVerdict> for pb::SalesVerdict {
    fn from(verdict: SalesVerdict) -> Self {
        match verdict {
            SalesVerdict::Agrees => Self::Agrees,
            SalesVerdict::MoreCalculated => Self::MoreCalculated,
            SalesVerdict::LessCalculated => Self::LessCalculated,
            SalesVerdict::Unknown => Self::Unknown,
            SalesVerdict::NotListed => Self::NotListed,
        }
    }
}
