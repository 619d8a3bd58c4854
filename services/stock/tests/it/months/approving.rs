//! A supervisor approves what was sold, and takes it back.

use demeter_proto::stock::v1 as pb;
use futures::future::join_all;
use pb::MovementType::{Ajuste, Muerte, Ventas};
use tonic::Code;

use super::*;
use crate::harness::{everywhere, number, reason};

#[tokio::test]
async fn an_approval_says_that_the_missing_plants_were_sold_and_changes_nothing_that_stands() {
    for stock in everywhere().await {
        let (bed, batch) = given_a_bed_that_sold_100(&stock).await;
        it_is(&stock, 2);

        let approved = approve(&stock, &an_approval(&stock, &proposals(&stock).await))
            .await
            .unwrap();

        assert_eq!((approved.beds, approved.sales), (1, 100));
        let told = lines(&stock, bed).await;
        let pair: Vec<_> = told
            .iter()
            .filter(|line| line.month_act_id.is_some())
            .collect();
        let numbers: Vec<_> = pair
            .iter()
            .map(|line| (line.movement_type(), line.quantity, line.balance))
            .collect();
        assert_eq!(numbers, [(Ajuste, 100, 1_000), (Ventas, -100, 900)]);
        for line in pair {
            assert_eq!(line.month_act_id(), approved.month_act_id);
            assert_eq!(line.batch_id, batch);
            assert_eq!(line.source_type(), pb::MovementSource::Calculated);
            assert_eq!(line.effective_time, Some(at(CLOSING)));
            assert_eq!(line.user_id, "ana");
        }
        for (on, plants) in [(OPENING, 1_000), (-1, 1_000), (CLOSING, 900), (1, 900)] {
            assert_eq!(stock.as_of(bed.location, day(on)).await, plants);
        }
        let after = proposal(&stock).await;
        assert_eq!(
            (after.status(), after.proposed_sales),
            (pb::BedStatus::Approved, 0)
        );
        assert_eq!(
            (after.kinds[0].recorded_sales, after.kinds[0].unexplained),
            (100, Some(0))
        );
        let approval = after.approval.unwrap();
        assert_eq!((approval.sales, approval.outdated), (100, false));
        let report = reconciliation(&stock).await;
        assert_eq!((report.calculated_sales, report.recorded_sales), (100, 100));
        stock.stop().await;
    }
}

#[tokio::test]
async fn two_supervisors_who_approve_at_once_have_one_effect() {
    for stock in everywhere().await {
        let (bed, _) = given_a_bed_that_sold_100(&stock).await;
        let read = proposals(&stock).await;
        let requests: Vec<_> = (0..4).map(|_| an_approval(&stock, &read)).collect();

        let outcomes = join_all(requests.iter().map(|request| approve(&stock, request))).await;

        let (approved, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((approved.len(), refused.len()), (1, 3));
        for refused in refused {
            assert_eq!(reason(&refused.unwrap_err()), "BED_APPROVED");
        }
        let sold = lines(&stock, bed)
            .await
            .into_iter()
            .filter(|line| line.movement_type() == Ventas);
        assert_eq!(sold.map(|line| line.quantity).collect::<Vec<_>>(), [-100]);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_has_one_effect_and_the_same_answer() {
    for stock in everywhere().await {
        let (bed, _) = given_a_bed_that_sold_100(&stock).await;
        let request = an_approval(&stock, &proposals(&stock).await);

        let answers = join_all((0..3).map(|_| approve(&stock, &request))).await;
        let reopening = a_reopening(&stock, &[bed]);
        let reopened = reopen(&stock, &reopening).await.unwrap();
        let again = reopen(&stock, &reopening).await.unwrap();
        let late = approve(&stock, &request).await.unwrap();

        for answer in answers {
            assert_eq!(answer.unwrap(), late);
        }
        assert_eq!(reopened, again);
        assert_eq!((reopened.beds, reopened.sales), (1, 100));
        let other = pb::ApproveBedsRequest {
            request_id: reopening.request_id.clone(),
            ..an_approval(&stock, &proposals(&stock).await)
        };
        let refused = approve(&stock, &other).await.unwrap_err();
        assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
        assert_eq!(proposal(&stock).await.status(), pb::BedStatus::Ready);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_proposal_that_is_outdated_is_refused_and_nothing_is_written() {
    for stock in everywhere().await {
        let beds = given_beds(&stock, 2).await;
        let mut batches = Vec::new();
        for bed in &beds {
            batches.push(photo(&stock, *bed, 1_000, OPENING).await);
            photo(&stock, *bed, 900, CLOSING).await;
        }
        open(&stock).await;
        let read = proposals(&stock).await;
        enter(&stock, &batches[1], Muerte, 20, -10).await.unwrap();

        let refused = approve(&stock, &an_approval(&stock, &read))
            .await
            .unwrap_err();

        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::Aborted, "PROPOSAL_OUTDATED".into())
        );
        assert!(
            refused.message().contains(&read[1].code),
            "{}",
            refused.message()
        );
        assert!(
            !refused.message().contains(&read[0].code),
            "{}",
            refused.message()
        );
        let connection = stock.connection().await;
        let acts = "SELECT COUNT(*) AS n FROM month_acts WHERE verb = 'approve'";
        assert_eq!(number(&connection, acts).await, 0);
        connection.close().await.unwrap();
        let now = proposals(&stock).await;
        assert_eq!(
            (now[0].digest == read[0].digest, now[1].proposed_sales),
            (true, 80)
        );
        assert_eq!(
            approve(&stock, &an_approval(&stock, &now))
                .await
                .unwrap()
                .sales,
            180
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_is_taken_back_is_proposed_again_as_it_was() {
    for stock in everywhere().await {
        let (bed, _) = given_a_bed_that_sold_100(&stock).await;
        let read = proposals(&stock).await;
        approve(&stock, &an_approval(&stock, &read)).await.unwrap();

        reopen(&stock, &a_reopening(&stock, &[bed])).await.unwrap();

        assert_eq!(proposals(&stock).await, read);
        let written = lines(&stock, bed).await;
        let written = written.iter().filter(|line| line.month_act_id.is_some());
        let written: Vec<_> = written
            .map(|line| (line.movement_type(), line.quantity))
            .collect();
        assert_eq!(
            written,
            [(Ajuste, 100), (Ventas, -100), (Ventas, 100), (Ajuste, -100)]
        );
        assert_eq!(stock.as_of(bed.location, day(CLOSING)).await, 900);
        let refused = reopen(&stock, &a_reopening(&stock, &[bed]))
            .await
            .unwrap_err();
        assert_eq!(reason(&refused), "BED_NOT_APPROVED");
        assert_eq!(
            approve(&stock, &an_approval(&stock, &read))
                .await
                .unwrap()
                .sales,
            100
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_fact_that_arrives_after_the_approval_neither_disturbs_it_nor_is_lost() {
    for stock in everywhere().await {
        let (bed, batch) = given_a_bed_that_sold_100(&stock).await;
        it_is(&stock, 2);
        approve(&stock, &an_approval(&stock, &proposals(&stock).await))
            .await
            .unwrap();
        let pair = |lines: Vec<pb::Movement>| -> Vec<pb::Movement> {
            let of_month = lines.into_iter().filter(|line| line.month_act_id.is_some());
            of_month.collect()
        };
        let before = pair(lines(&stock, bed).await);

        let late = enter(&stock, &batch, Muerte, 20, -10).await.unwrap();

        assert_eq!(late.missing_quantity, 0);
        assert_eq!(pair(lines(&stock, bed).await), before);
        for (on, plants) in [(-11, 1_000), (-9, 980), (CLOSING, 900), (2, 900)] {
            assert_eq!(stock.as_of(bed.location, day(on)).await, plants);
        }
        let told = proposal(&stock).await;
        assert_eq!(told.status(), pb::BedStatus::Approved);
        assert!(told.approval.as_ref().unwrap().outdated);
        assert_eq!(
            (told.kinds[0].deaths, told.kinds[0].unexplained),
            (20, Some(-20))
        );

        reopen(&stock, &a_reopening(&stock, &[bed])).await.unwrap();
        let again = proposals(&stock).await;
        assert_eq!(again[0].proposed_sales, 80);
        assert_eq!(
            approve(&stock, &an_approval(&stock, &again))
                .await
                .unwrap()
                .sales,
            80
        );
        assert!(!proposal(&stock).await.approval.unwrap().outdated);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_photo_that_arrives_after_the_approval_and_shows_another_number_is_told() {
    for stock in everywhere().await {
        let bed = given_beds(&stock, 1).await[0];
        photo(&stock, bed, 1_000, OPENING).await;
        photo(&stock, bed, 900, -2).await;
        open(&stock).await;
        approve(&stock, &an_approval(&stock, &proposals(&stock).await))
            .await
            .unwrap();

        photo(&stock, bed, 870, CLOSING).await;

        let told = proposal(&stock).await;
        assert!(told.approval.as_ref().unwrap().outdated);
        assert_eq!(
            (told.kinds[0].recorded_sales, told.kinds[0].unexplained),
            (100, Some(30))
        );
        reopen(&stock, &a_reopening(&stock, &[bed])).await.unwrap();
        let again = proposals(&stock).await;
        assert_eq!(
            approve(&stock, &an_approval(&stock, &again))
                .await
                .unwrap()
                .sales,
            130
        );
        assert_eq!(stock.standing(bed.location).await, 870);
        stock.stop().await;
    }
}

#[tokio::test]
async fn only_a_supervisor_ends_months() {
    for stock in everywhere().await {
        let (bed, _) = given_a_bed_that_sold_100(&stock).await;
        let worker = ["stock:read", "stock:write", "photos:read", "photos:write"];
        let request = an_approval(&stock, &proposals(&stock).await);

        let read = pb::ListBedProposalsRequest {
            year: YEAR,
            month: OCTOBER,
            ..Default::default()
        };
        let read = stock
            .months()
            .list_bed_proposals(stock.as_user(read, &worker))
            .await;
        let open = pb::OpenMonthRequest {
            request_id: stock.id(),
            year: YEAR,
            month: 9,
        };
        let open = stock
            .months()
            .open_month(stock.as_user(open, &worker))
            .await
            .map(|_| ());
        let approve = stock
            .months()
            .approve_beds(stock.as_user(request, &worker))
            .await
            .map(|_| ());
        let reopening = a_reopening(&stock, &[bed]);
        let reopen = stock
            .months()
            .reopen_beds(stock.as_user(reopening, &worker))
            .await
            .map(|_| ());
        let close = pb::CloseMonthRequest {
            request_id: stock.id(),
            year: YEAR,
            month: OCTOBER,
            leave_unapproved: true,
        };
        let close = stock
            .months()
            .close_month(stock.as_user(close, &worker))
            .await
            .map(|_| ());

        assert!(read.is_ok());
        for refused in [open, approve, reopen, close] {
            assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
        }
        stock.stop().await;
    }
}

#[tokio::test]
async fn wrong_requests_are_refused_by_name() {
    for stock in everywhere().await {
        let (bed, _) = given_a_bed_that_sold_100(&stock).await;
        let good = an_approval(&stock, &proposals(&stock).await);

        let twice = pb::ApproveBedsRequest {
            beds: [good.beds.clone(), good.beds.clone()].concat(),
            ..good.clone()
        };
        let nobody = pb::ApproveBedsRequest {
            beds: Vec::new(),
            ..good.clone()
        };
        let nowhere = pb::BedApproval {
            storage_location_id: 999,
            digest: "x".into(),
        };
        let nowhere = pb::ApproveBedsRequest {
            beds: vec![nowhere],
            ..good.clone()
        };
        let never = pb::ApproveBedsRequest {
            month: 9,
            ..good.clone()
        };
        let no_month = pb::ApproveBedsRequest {
            month: 13,
            ..good.clone()
        };

        for (request, code) in [
            (twice, Code::InvalidArgument),
            (nobody, Code::InvalidArgument),
            (no_month, Code::InvalidArgument),
            (nowhere, Code::NotFound),
            (never, Code::NotFound),
        ] {
            let refused = approve(&stock, &request).await.unwrap_err();
            assert_eq!(refused.code(), code, "{request:?}: {refused:?}");
        }
        assert_eq!(stock.standing(bed.location).await, 900);
        stock.stop().await;
    }
}
