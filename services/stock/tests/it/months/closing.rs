//! A month is opened, and closed for good.

use demeter_proto::stock::v1 as pb;
use pb::MovementType::Muerte;
use tonic::Code;

use super::*;
use crate::harness::{everywhere, reason};
use demeter_testkit::TestDatabase;

fn a_closing(stock: &Stock, month: i32, leave_unapproved: bool) -> pb::CloseMonthRequest {
    pb::CloseMonthRequest {
        request_id: stock.id(),
        year: YEAR,
        month,
        leave_unapproved,
    }
}

async fn close(stock: &Stock, request: &pb::CloseMonthRequest) -> Result<pb::Month, Status> {
    let closed = stock
        .months()
        .close_month(ask(stock, request.clone()))
        .await?;
    Ok(closed.into_inner().month.unwrap())
}

async fn try_open(stock: &Stock, request: &pb::OpenMonthRequest) -> Result<pb::Month, Status> {
    let opened = stock
        .months()
        .open_month(ask(stock, request.clone()))
        .await?;
    Ok(opened.into_inner().month.unwrap())
}

fn an_opening(stock: &Stock, month: i32) -> pb::OpenMonthRequest {
    pb::OpenMonthRequest {
        request_id: stock.id(),
        year: YEAR,
        month,
    }
}

#[tokio::test]
async fn a_month_is_opened_once_and_not_before_it_begins() {
    for stock in everywhere().await {
        let request = an_opening(&stock, OCTOBER);

        let opened = try_open(&stock, &request).await.unwrap();
        let again = try_open(&stock, &request).await.unwrap();
        let other = try_open(&stock, &an_opening(&stock, OCTOBER))
            .await
            .unwrap_err();
        let to_come = try_open(&stock, &an_opening(&stock, 11)).await.unwrap_err();

        assert_eq!(opened, again);
        assert_eq!(
            (opened.year, opened.month, opened.closing_count_days),
            (YEAR, OCTOBER, 7)
        );
        assert_eq!(
            (opened.opened_by.as_str(), opened.closed_by.as_deref()),
            ("ana", None)
        );
        assert_eq!(
            opened.end_time.unwrap().seconds - opened.start_time.unwrap().seconds,
            31 * 86_400
        );
        assert_eq!(reason(&other), "MONTH_EXISTS");
        assert_eq!(reason(&to_come), "MONTH_NOT_BEGUN");
        let listed = stock
            .months()
            .list_months(ask(&stock, pb::ListMonthsRequest::default()))
            .await;
        assert_eq!(listed.unwrap().into_inner().months, [opened]);
        let none = pb::GetMonthRequest {
            year: YEAR,
            month: 9,
        };
        let none = stock
            .months()
            .get_month(ask(&stock, none))
            .await
            .unwrap_err();
        assert_eq!(none.code(), Code::NotFound);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_month_is_closed_when_it_is_over_and_its_beds_are_approved() {
    for stock in everywhere().await {
        let (_, batch) = given_a_bed_that_sold_100(&stock).await;
        let early = close(&stock, &a_closing(&stock, OCTOBER, false))
            .await
            .unwrap_err();
        it_is(&stock, 2);
        let left = close(&stock, &a_closing(&stock, OCTOBER, false))
            .await
            .unwrap_err();
        approve(&stock, &an_approval(&stock, &proposals(&stock).await))
            .await
            .unwrap();
        enter(&stock, &batch, Muerte, 1, -3).await.unwrap();
        let outdated = close(&stock, &a_closing(&stock, OCTOBER, false))
            .await
            .unwrap_err();
        try_open(&stock, &an_opening(&stock, 9)).await.unwrap();
        let earlier = close(&stock, &a_closing(&stock, OCTOBER, true))
            .await
            .unwrap_err();
        close(&stock, &a_closing(&stock, 9, false)).await.unwrap();
        let request = a_closing(&stock, OCTOBER, true);

        let closed = close(&stock, &request).await.unwrap();

        assert_eq!(close(&stock, &request).await.unwrap(), closed);
        assert_eq!(closed.closed_by.as_deref(), Some("ana"));
        let again = close(&stock, &a_closing(&stock, OCTOBER, true))
            .await
            .unwrap_err();
        for (refused, expected) in [
            (early, "MONTH_NOT_OVER"),
            (left, "MONTH_NOT_APPROVED"),
            (outdated, "MONTH_NOT_APPROVED"),
            (earlier, "EARLIER_MONTH_OPEN"),
            (again, "PERIOD_CLOSED"),
        ] {
            assert_eq!(
                (refused.code(), reason(&refused)),
                (Code::FailedPrecondition, expected.into())
            );
        }
        let before = try_open(&stock, &an_opening(&stock, 8)).await.unwrap_err();
        assert_eq!(reason(&before), "PERIOD_CLOSED");
        stock.stop().await;
    }
}

/// A planting, a count by hand and a photo of October, which are refused.
async fn refused_facts(stock: &Stock, bed: Bed) -> [Status; 3] {
    let planting = pb::CreateBatchRequest {
        effective_time: Some(at(-3)),
        ..stock.a_batch(bed, 5)
    };
    let planting = stock
        .batches()
        .create_batch(stock.ask(planting))
        .await
        .unwrap_err();
    let count = pb::CreateManualCountRequest {
        request_id: stock.id(),
        storage_location_id: bed.location,
        product_id: bed.product,
        quantity: 7,
        effective_time: Some(at(-3)),
        ..Default::default()
    };
    let count = stock
        .movements()
        .create_manual_count(stock.ask(count))
        .await
        .unwrap_err();
    let picture = pb::PostPhotoCountRequest {
        observed_time: Some(at(-3)),
        ..crate::ledger::photo_counts::a_count(stock, bed, 7, 0)
    };
    let picture = crate::ledger::photo_counts::post(stock, &picture)
        .await
        .unwrap_err();
    [planting, count, picture]
}

#[tokio::test]
async fn a_closed_month_takes_no_fact_of_any_kind_and_says_what_to_do() {
    for stock in everywhere().await {
        let (bed, batch) = given_a_bed_that_sold_100(&stock).await;
        approve(&stock, &an_approval(&stock, &proposals(&stock).await))
            .await
            .unwrap();
        it_is(&stock, 2);
        close(&stock, &a_closing(&stock, OCTOBER, false))
            .await
            .unwrap();
        let before = lines(&stock, bed).await;

        let death = enter(&stock, &batch, Muerte, 1, -3).await.unwrap_err();
        let [planting, count, picture] = refused_facts(&stock, bed).await;
        let taken_back = reopen(&stock, &a_reopening(&stock, &[bed]))
            .await
            .unwrap_err();
        let approved = approve(&stock, &an_approval(&stock, &proposals(&stock).await))
            .await
            .unwrap_err();

        for refused in [death, planting, count, picture, taken_back, approved] {
            assert_eq!(
                (refused.code(), reason(&refused)),
                (Code::FailedPrecondition, "PERIOD_CLOSED".into())
            );
            assert!(
                refused.message().contains("October 2026"),
                "{}",
                refused.message()
            );
            assert!(
                refused.message().contains("ajuste"),
                "{}",
                refused.message()
            );
        }
        assert_eq!(lines(&stock, bed).await, before);
        enter(&stock, &batch, Muerte, 1, 1).await.unwrap();
        photo(&stock, bed, 890, 2).await;
        assert_eq!(stock.standing(bed.location).await, 890);
        stock.stop().await;
    }
}

#[tokio::test]
async fn where_the_nursery_chose_so_the_next_month_settles_what_late_facts_changed() {
    for database in TestDatabase::all().await {
        let carry = [("STOCK_CLOSED_MONTHS", "carry")];
        let stock = Stock::start_with(database, &carry).await;
        let (bed, batch) = given_a_bed_that_sold_100(&stock).await;
        let october = proposals(&stock).await;
        approve(&stock, &an_approval(&stock, &october))
            .await
            .unwrap();
        it_is(&stock, 2);
        close(&stock, &a_closing(&stock, OCTOBER, false))
            .await
            .unwrap();
        it_is(&stock, 29);
        photo(&stock, bed, 850, 29).await;
        try_open(&stock, &an_opening(&stock, 11)).await.unwrap();
        let before = proposals_of(&stock, YEAR, 11).await;

        enter(&stock, &batch, Muerte, 20, -10).await.unwrap();

        let of = |beds: &[pb::BedProposal]| {
            let kind = &beds[0].kinds[0];
            (kind.prior_period, kind.unexplained, beds[0].proposed_sales)
        };
        let november = proposals_of(&stock, YEAR, 11).await;
        assert_eq!(of(&before), (0, Some(50), 50));
        assert_eq!(of(&november), (-20, Some(30), 30));
        let approval = |beds: &[pb::BedProposal]| pb::ApproveBedsRequest {
            month: 11,
            ..an_approval(&stock, beds)
        };
        let outdated = approve(&stock, &approval(&before)).await.unwrap_err();
        assert_eq!(reason(&outdated), "PROPOSAL_OUTDATED");
        let approved = approve(&stock, &approval(&november)).await.unwrap();
        assert_eq!(approved.sales, 30);
        let after = proposals_of(&stock, YEAR, 11).await;
        assert_eq!(
            (after[0].status(), of(&after)),
            (pb::BedStatus::Approved, (-20, Some(0), 0))
        );
        assert!(!after[0].approval.as_ref().unwrap().outdated);

        it_is(&stock, 32);
        close(&stock, &a_closing(&stock, 11, false)).await.unwrap();
        enter(&stock, &batch, Muerte, 5, 10).await.unwrap();
        it_is(&stock, 60);
        photo(&stock, bed, 840, 60).await;
        try_open(&stock, &an_opening(&stock, 12)).await.unwrap();
        let december = proposals_of(&stock, YEAR, 12).await;
        // 850 less 840, less the five of November that had died.
        assert_eq!(of(&december), (-5, Some(5), 5));
        // 1,000 at first, 840 at last, 25 died.
        let last = pb::ApproveBedsRequest {
            month: 12,
            ..an_approval(&stock, &december)
        };
        let last = approve(&stock, &last).await.unwrap();
        assert_eq!(100 + 30 + last.sales, 1_000 - 840 - 25);
        stock.stop().await;
    }
}
