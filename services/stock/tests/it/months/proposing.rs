//! What was sold, as two counts and what happened between them say.

use demeter_proto::stock::v1 as pb;
use pb::MovementType::{Ajuste, Muerte, Plantar, Ventas};
use tonic::Code;

use super::*;
use crate::harness::{everywhere, reason};
use crate::ledger::reversals::{a_reversal, take_back};
use crate::ledger::transplants::{a_move, move_plants};

#[tokio::test]
async fn the_nurserys_own_examples_come_out() {
    for stock in everywhere().await {
        let beds = given_beds(&stock, 2).await;
        let first = photo(&stock, beds[0], 10_000, OPENING).await;
        enter(&stock, &first, Plantar, 500, -20).await.unwrap();
        enter(&stock, &first, Ajuste, -200, -18).await.unwrap();
        enter(&stock, &first, Muerte, 300, -16).await.unwrap();
        photo(&stock, beds[0], 9_500, CLOSING).await;
        let second = photo(&stock, beds[1], 5_000, OPENING).await;
        enter(&stock, &second, Plantar, 200, -20).await.unwrap();
        enter(&stock, &second, Muerte, 100, -16).await.unwrap();
        photo(&stock, beds[1], 4_800, CLOSING).await;
        open(&stock).await;

        let told = proposals(&stock).await;

        let numbers = told.iter().map(|bed| {
            let kind = &bed.kinds[0];
            let closing = kind.closing.unwrap();
            (
                kind.opening.unwrap(),
                kind.expected.unwrap(),
                closing,
                bed.proposed_sales,
            )
        });
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            [(10_000, 10_000, 9_500, 500), (5_000, 5_100, 4_800, 300)]
        );
        let kind = &told[0].kinds[0];
        let known = (kind.planted, kind.adjustments, kind.deaths, kind.moved_out);
        assert_eq!(known, (500, -200, 300, 0));
        assert_eq!(told[0].status(), pb::BedStatus::Ready);
        assert!(!kind.allocated);

        let report = reconciliation(&stock).await;
        let summary = report.movements_summary.unwrap();
        assert_eq!(
            (report.opening_count, report.closing_count),
            (15_000, 14_300)
        );
        assert_eq!(
            (report.expected_count, report.calculated_sales),
            (15_100, 800)
        );
        assert_eq!(
            (summary.planted, summary.deaths, summary.adjustments),
            (700, 400, -200)
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn plants_that_moved_are_told_on_both_sides_and_what_was_taken_back_is_not() {
    for stock in everywhere().await {
        let beds = given_beds(&stock, 2).await;
        let (from, to) = (beds[0], beds[1]);
        let batch = photo(&stock, from, 1_000, OPENING).await;
        photo(&stock, to, 100, OPENING).await;
        let moved = |plants, happened| pb::CreateTransplantRequest {
            effective_time: Some(at(happened)),
            ..a_move(&stock, from, to.location, plants)
        };
        move_plants(&stock, &moved(50, -20)).await.unwrap();
        let wrong = move_plants(&stock, &moved(30, -18)).await.unwrap();
        let wrong = wrong.sources[0].movement.as_ref().unwrap();
        take_back(&stock, &a_reversal(&stock, &wrong.movement_id))
            .await
            .unwrap();
        let died = enter(&stock, &batch, Muerte, 10, -15).await.unwrap();
        let died = died.movement.unwrap().movement_id;
        take_back(&stock, &a_reversal(&stock, &died)).await.unwrap();
        enter(&stock, &batch, Ventas, 5, -10).await.unwrap();
        photo(&stock, from, 900, CLOSING).await;
        photo(&stock, to, 150, CLOSING).await;
        open(&stock).await;

        let told = proposals(&stock).await;

        let of = |bed: Bed| {
            let mut told = told.iter();
            let told = told.find(|one| one.storage_location_id == bed.location);
            told.unwrap()
        };
        let known = |bed| {
            let kind = &of(bed).kinds[0];
            (
                kind.moved_in,
                kind.moved_out,
                kind.deaths,
                kind.recorded_sales,
            )
        };
        assert_eq!(known(from), (0, 50, 0, 5));
        assert_eq!(known(to), (50, 0, 0, 0));
        assert_eq!((of(from).proposed_sales, of(to).proposed_sales), (45, 0));
        stock.stop().await;
    }
}

#[tokio::test]
async fn beds_that_cannot_be_reconciled_are_listed_with_their_reason() {
    for stock in everywhere().await {
        let beds = given_beds(&stock, 4).await;
        stock.given_a_batch(beds[0], 100).await;
        photo(&stock, beds[1], 100, OPENING).await;
        photo(&stock, beds[1], 90, -10).await;
        photo(&stock, beds[2], 100, OPENING).await;
        photo(&stock, beds[2], 110, CLOSING).await;
        open(&stock).await;

        let told = proposals(&stock).await;
        let report = reconciliation(&stock).await;

        let standing: Vec<_> = told
            .iter()
            .map(|bed| (bed.status(), bed.reason()))
            .collect();
        assert_eq!(
            standing,
            [
                (pb::BedStatus::Unreconcilable, pb::BedReason::NoOpeningCount),
                (pb::BedStatus::Unreconcilable, pb::BedReason::NoClosingCount),
                (pb::BedStatus::NeedsReview, pb::BedReason::MorePlants),
                (pb::BedStatus::Empty, pb::BedReason::Unspecified),
            ]
        );
        assert!(
            told[2].remedy.contains("count the bed again") && told[2].remedy.contains("ajuste")
        );
        assert_eq!(told[2].kinds[0].unexplained, Some(-10));
        assert_eq!(
            (report.unreconcilable.len(), report.needs_review.len()),
            (2, 1)
        );
        assert_eq!(report.opening_count, 100);
        for (bed, expected) in [
            (0, "NOT_RECONCILABLE"),
            (1, "NOT_RECONCILABLE"),
            (2, "NEEDS_REVIEW"),
        ] {
            let refused = approve(&stock, &an_approval(&stock, &told[bed..=bed]))
                .await
                .unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused)),
                (Code::FailedPrecondition, expected.into())
            );
            assert!(
                refused.message().contains(&told[bed].code),
                "{}",
                refused.message()
            );
        }
        stock.stop().await;
    }
}

#[tokio::test]
async fn both_ways_out_of_a_review_lead_out() {
    for stock in everywhere().await {
        let beds = given_beds(&stock, 2).await;
        let mut batches = Vec::new();
        for bed in &beds {
            batches.push(photo(&stock, *bed, 100, OPENING).await);
            photo(&stock, *bed, 130, -2).await;
        }
        open(&stock).await;
        let before = proposals(&stock).await;
        assert!(
            before
                .iter()
                .all(|bed| bed.status() == pb::BedStatus::NeedsReview)
        );

        photo(&stock, beds[0], 95, CLOSING).await;
        enter(&stock, &batches[1], Ajuste, 40, -5).await.unwrap();

        let after = proposals(&stock).await;
        let told: Vec<_> = after
            .iter()
            .map(|bed| (bed.status(), bed.proposed_sales))
            .collect();
        assert_eq!(
            told,
            [(pb::BedStatus::Ready, 5), (pb::BedStatus::Ready, 10)]
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_list_goes_page_by_page_and_by_status_and_warehouse() {
    for stock in everywhere().await {
        let beds = given_beds(&stock, 5).await;
        photo(&stock, beds[4], 10, OPENING).await;
        photo(&stock, beds[4], 9, CLOSING).await;
        open(&stock).await;
        let page = async |page_token: &str, page_size, status: pb::BedStatus, warehouse_id| {
            let request = pb::ListBedProposalsRequest {
                year: YEAR,
                month: OCTOBER,
                page_size,
                page_token: page_token.to_owned(),
                warehouse_id,
                status: status.into(),
            };
            let listed = stock
                .months()
                .list_bed_proposals(ask(&stock, request))
                .await;
            listed.map(tonic::Response::into_inner)
        };

        let first = page("", 3, pb::BedStatus::Unspecified, 1).await.unwrap();
        let second = page(&first.next_page_token, 3, pb::BedStatus::Unspecified, 1)
            .await
            .unwrap();
        let ready = page("", 0, pb::BedStatus::Ready, 0).await.unwrap();
        let nowhere = page("", 0, pb::BedStatus::Ready, 9).await.unwrap_err();
        let other = page(&first.next_page_token, 3, pb::BedStatus::Ready, 1)
            .await
            .unwrap_err();

        assert_eq!((first.beds.len(), second.beds.len()), (3, 2));
        assert_eq!(second.next_page_token, "");
        assert_eq!((ready.beds.len(), ready.beds[0].proposed_sales), (1, 1));
        assert_eq!(nowhere.code(), Code::NotFound);
        assert_eq!(other.code(), Code::InvalidArgument);
        stock.stop().await;
    }
}

/// Three kinds are there, and their shares are exact.
fn check_shared(told: &pb::BedProposal, opening: i32, closing: i32) {
    assert_eq!(told.kinds.len(), 3, "{told:?}");
    assert!(told.kinds.iter().all(|kind| kind.allocated));
    let sum = |of: fn(&pb::KindProposal) -> i32| told.kinds.iter().map(of).sum::<i32>();
    assert_eq!(sum(|kind| kind.opening.unwrap()), opening);
    assert_eq!(sum(|kind| kind.closing.unwrap()), closing);
    assert_eq!(sum(|kind| kind.proposed_sales), told.proposed_sales);
}

#[tokio::test]
async fn a_bed_of_three_kinds_keeps_them_through_a_year_of_photos() {
    for stock in everywhere().await {
        let bed = given_beds(&stock, 1).await[0];
        let mut sold = [0; 3];
        let mut batches = Vec::new();
        for (name, plants) in [("Lithops", 500), ("Haworthia", 300), ("Crassula", 200)] {
            let product = stock.given_a_product(name).await;
            batches.push(
                stock
                    .given_a_batch(Bed { product, ..bed }, plants)
                    .await
                    .batch_id,
            );
        }
        it_is(&stock, 1);
        photo(&stock, bed, 1_000, 0).await;
        let mut counted = 1_000;
        let mut known = 1_000;
        for number in 1..=12i32 {
            let (year, month) = if number <= 2 {
                (2026, 10 + number)
            } else {
                (2027, number - 2)
            };
            let last = last_day(year, month);
            it_is(&stock, last - 14);
            enter(&stock, &batches[0], Plantar, 30, last - 15)
                .await
                .unwrap();
            enter(&stock, &batches[1], Muerte, 2, last - 15)
                .await
                .unwrap();
            it_is(&stock, last + 3);
            let next = counted + 28 - 37 - number;
            photo(&stock, bed, next, last).await;
            let open = pb::OpenMonthRequest {
                request_id: stock.id(),
                year,
                month,
            };
            stock.months().open_month(ask(&stock, open)).await.unwrap();

            let told = proposals_of(&stock, year, month).await.remove(0);

            assert_eq!(told.proposed_sales, 37 + number);
            check_shared(&told, counted, next);
            for (of, kind) in sold.iter_mut().zip(&told.kinds) {
                *of += kind.proposed_sales;
            }
            let approval = pb::ApproveBedsRequest {
                year,
                month,
                ..an_approval(&stock, std::slice::from_ref(&told))
            };
            assert_eq!(approve(&stock, &approval).await.unwrap().sales, 37 + number);
            counted = next;
            known += 28 - 37 - number;
        }
        assert_eq!(stock.standing(bed.location).await, known);
        assert_eq!(sold.iter().sum::<i32>(), 12 * 37 + 78);
        assert!(sold.iter().all(|sold| *sold > 0));
        stock.stop().await;
    }
}

/// Days from 31 October 2026 to the last day of a month.
fn last_day(year: i32, month: i32) -> i64 {
    let month = u32::try_from(month).unwrap();
    let (year, next) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    let next = chrono::NaiveDate::from_ymd_opt(year, next, 1).unwrap();
    (next - noon().date_naive()).num_days() - 1
}
