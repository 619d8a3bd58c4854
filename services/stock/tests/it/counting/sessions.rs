//! People count beds together.

use chrono::Duration;
use demeter_proto::stock::v1 as pb;
use tonic::{Code, Request, Status};

use crate::harness::{Bed, Stock, everywhere, noon, reason};

const WORKER: [&str; 2] = ["stock:read", "stock:write"];
const SUPERVISOR: [&str; 4] = ["stock:read", "stock:write", "stock:delete", "config:read"];

/// Beds that are configured for one product.
async fn beds(stock: &Stock, count: u8) -> Vec<Bed> {
    let places = stock.given_locations(count).await;
    let product = stock.given_a_product("Echeveria").await;
    let mut beds = Vec::new();
    for location in places {
        let bed = Bed {
            location,
            product,
            state: 3,
        };
        stock.configure(bed).await;
        beds.push(bed);
    }
    beds
}

fn to_open(stock: &Stock, beds: &[Bed], blind: bool) -> pb::OpenCountSessionRequest {
    pb::OpenCountSessionRequest {
        request_id: stock.id(),
        name: "October".into(),
        storage_location_ids: beds.iter().map(|bed| bed.location).collect(),
        blind,
        ..Default::default()
    }
}

async fn open(stock: &Stock, beds: &[Bed], blind: bool) -> pb::CountSession {
    let request = stock.as_user(to_open(stock, beds, blind), &WORKER);
    let answer = stock.count_sessions().open_count_session(request).await;
    answer.unwrap().into_inner().count_session.unwrap()
}

fn to_enter(
    stock: &Stock,
    session: &pb::CountSession,
    bed: Bed,
    plants: i32,
) -> pb::EnterCountRequest {
    pb::EnterCountRequest {
        request_id: stock.id(),
        count_session_id: session.count_session_id.clone(),
        storage_location_id: bed.location,
        product_id: bed.product,
        plants,
        ..Default::default()
    }
}

async fn enter(stock: &Stock, request: &pb::EnterCountRequest) -> Result<pb::CountEntry, Status> {
    let request = stock.as_user(request.clone(), &WORKER);
    let answer = stock.count_sessions().enter_count(request).await?;
    Ok(answer.into_inner().entry.unwrap())
}

async fn read(stock: &Stock, id: &str, rights: &[&str]) -> pb::GetCountSessionResponse {
    let request = pb::GetCountSessionRequest {
        count_session_id: id.to_owned(),
    };
    let request = stock.as_user(request, rights);
    let answer = stock.count_sessions().get_count_session(request).await;
    answer.unwrap().into_inner()
}

fn posting(stock: &Stock, session: &pb::CountSession) -> Request<pb::PostCountSessionRequest> {
    let request = pb::PostCountSessionRequest {
        count_session_id: session.count_session_id.clone(),
        etag: session.etag.clone(),
    };
    stock.as_user(request, &SUPERVISOR)
}

/// Posts a session as it stands now.
async fn post(stock: &Stock, id: &str) -> Result<pb::PostCountSessionResponse, Status> {
    let seen = read(stock, id, &SUPERVISOR).await.count_session.unwrap();
    let answer = stock
        .count_sessions()
        .post_count_session(posting(stock, &seen))
        .await?;
    Ok(answer.into_inner())
}

async fn cancel(stock: &Stock, id: &str) -> Result<pb::CountSession, Status> {
    let request = pb::CancelCountSessionRequest {
        count_session_id: id.to_owned(),
    };
    let request = stock.as_user(request, &SUPERVISOR);
    let answer = stock.count_sessions().cancel_count_session(request).await?;
    Ok(answer.into_inner().count_session.unwrap())
}

async fn withdraw(stock: &Stock, entry: &pb::CountEntry) -> Result<pb::CountEntry, Status> {
    let request = pb::WithdrawCountRequest {
        count_session_id: entry.count_session_id.clone(),
        count_entry_id: entry.count_entry_id.clone(),
    };
    let request = stock.as_user(request, &WORKER);
    let answer = stock.count_sessions().withdraw_count(request).await?;
    Ok(answer.into_inner().entry.unwrap())
}

/// Of each kind in a bed: what is expected, what was counted, and whether that is the same.
fn kinds(bed: &pb::CountedBed) -> Vec<(Option<i32>, Option<i32>, bool)> {
    let told = bed
        .kinds
        .iter()
        .map(|kind| (kind.expected, kind.counted, kind.unchanged));
    told.collect()
}

#[tokio::test]
async fn what_several_people_counted_is_added_up_and_posted_by_bed() {
    for stock in everywhere().await {
        let beds = beds(&stock, 3).await;
        stock.given_a_batch(beds[0], 100).await;
        stock.given_a_batch(beds[1], 40).await;
        stock.clock.advance(Duration::minutes(10));
        let session = open(&stock, &beds, false).await;
        let id = session.count_session_id.clone();
        stock.clock.advance(Duration::minutes(10));
        for plants in [60, 35] {
            enter(&stock, &to_enter(&stock, &session, beds[0], plants))
                .await
                .unwrap();
        }
        enter(&stock, &to_enter(&stock, &session, beds[1], 40))
            .await
            .unwrap();

        let seen = read(&stock, &id, &WORKER).await;
        let posted = post(&stock, &id).await.unwrap();
        let again = post(&stock, &id).await.unwrap();

        let told: Vec<_> = seen.beds.iter().map(kinds).collect();
        let counted = [
            vec![(Some(100), Some(95), false)],
            vec![(Some(40), Some(40), true)],
            vec![],
        ];
        assert_eq!(told, counted);
        assert_eq!(posted.beds.iter().map(kinds).collect::<Vec<_>>(), counted);
        assert_eq!(again, posted);
        assert_eq!(
            posted.count_session.unwrap().status(),
            pb::CountSessionStatus::Posted
        );
        let standing = [beds[0], beds[1], beds[2]].map(|bed| stock.standing(bed.location));
        assert_eq!(futures::future::join_all(standing).await, [95, 40, 0]);
        // "Counted, unchanged" is kept as well.
        let connection = stock.connection().await;
        let counts = "SELECT COUNT(*) AS n FROM hand_counts";
        assert_eq!(crate::harness::number(&connection, counts).await, 2);
        connection.close().await.unwrap();
        // It took effect when it was counted.
        assert_eq!(
            stock
                .as_of(beds[0].location, noon() + Duration::minutes(15))
                .await,
            100
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_bed_that_was_counted_may_be_empty() {
    for stock in everywhere().await {
        let beds = beds(&stock, 2).await;
        stock.given_a_batch(beds[0], 30).await;
        stock.clock.advance(Duration::minutes(10));
        let session = open(&stock, &beds, false).await;
        for bed in &beds {
            enter(&stock, &to_enter(&stock, &session, *bed, 0))
                .await
                .unwrap();
        }

        let posted = post(&stock, &session.count_session_id).await.unwrap();

        let told: Vec<_> = posted.beds.iter().map(kinds).collect();
        assert_eq!(
            told,
            [[(Some(30), Some(0), false)], [(Some(0), Some(0), true)]]
        );
        assert_eq!(stock.standing(beds[0].location).await, 0);
        // Plants of before that are entered later find the bed counted as empty.
        stock.clock.advance(Duration::minutes(10));
        let late = pb::CreateBatchRequest {
            effective_time: Some(prost_types::Timestamp {
                seconds: noon().timestamp() + 60,
                nanos: 0,
            }),
            ..stock.a_batch(beds[0], 5)
        };
        stock.batches().create_batch(stock.ask(late)).await.unwrap();
        assert_eq!(stock.standing(beds[0].location).await, 0);
        stock.stop().await;
    }
}

#[tokio::test]
async fn in_a_blind_session_those_who_count_are_not_told_what_is_expected() {
    for stock in everywhere().await {
        let beds = beds(&stock, 2).await;
        stock.given_a_batch(beds[0], 30).await;
        stock.given_a_batch(beds[1], 20).await;
        let session = open(&stock, &beds, true).await;
        let id = &session.count_session_id;
        enter(&stock, &to_enter(&stock, &session, beds[0], 30))
            .await
            .unwrap();

        let worker = read(&stock, id, &WORKER).await;
        let supervisor = read(&stock, id, &SUPERVISOR).await;
        post(&stock, id).await.unwrap();
        let after = read(&stock, id, &WORKER).await;

        let told = |answer: &pb::GetCountSessionResponse| {
            answer.beds.iter().map(kinds).collect::<Vec<_>>()
        };
        assert_eq!(told(&worker), [vec![(None, Some(30), false)], vec![]]);
        assert_eq!(
            told(&supervisor),
            [[(Some(30), Some(30), true)], [(Some(20), None, false)]]
        );
        assert_eq!(told(&after)[0], [(Some(30), Some(30), true)]);
        // Nobody counted it: it stays as it is.
        assert_eq!(stock.standing(beds[1].location).await, 20);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_movement_in_the_bed_while_it_was_counted_is_flagged() {
    for stock in everywhere().await {
        let beds = beds(&stock, 2).await;
        let batch = stock.given_a_batch(beds[0], 100).await;
        let session = open(&stock, &beds, false).await;
        stock.clock.advance(Duration::minutes(1));
        enter(&stock, &to_enter(&stock, &session, beds[0], 50))
            .await
            .unwrap();
        stock.clock.advance(Duration::minutes(1));
        stock
            .change(&batch.batch_id, pb::MovementType::Muerte, 10)
            .await
            .unwrap();
        stock.clock.advance(Duration::minutes(1));
        enter(&stock, &to_enter(&stock, &session, beds[0], 40))
            .await
            .unwrap();
        stock.clock.advance(Duration::minutes(1));
        stock
            .change(&batch.batch_id, pb::MovementType::Muerte, 5)
            .await
            .unwrap();

        let posted = post(&stock, &session.count_session_id).await.unwrap();
        let later = read(&stock, &session.count_session_id, &WORKER).await;

        assert_eq!(posted.beds[0].movements_meanwhile, 1);
        assert_eq!(later.beds, posted.beds);
        // The deaths after the last entry keep their effect.
        assert_eq!(stock.standing(beds[0].location).await, 85);
        stock.stop().await;
    }
}

#[tokio::test]
async fn one_product_in_two_packagings_is_two_counts_that_leave_one_another_alone() {
    for stock in everywhere().await {
        let bed = beds(&stock, 1).await[0];
        let mut pots = Vec::new();
        for sku in ["MAC-R7-BLK", "MAC-R8-BLK"] {
            let request = pb::CreatePackagingRequest {
                sku: sku.into(),
                name: sku.into(),
                type_code: "RIGID".into(),
                material_code: "PLASTIC".into(),
                color_name: "BLACK".into(),
            };
            let made = stock
                .catalog()
                .create_packaging(stock.ask(request))
                .await
                .unwrap();
            pots.push(made.into_inner().packaging.unwrap().packaging_id);
        }
        for (pot, plants) in pots.iter().zip([50, 70]) {
            let request = pb::CreateBatchRequest {
                packaging_id: Some(*pot),
                ..stock.a_batch(bed, plants)
            };
            stock
                .batches()
                .create_batch(stock.ask(request))
                .await
                .unwrap();
        }
        stock.clock.advance(Duration::minutes(1));
        let session = open(&stock, &[bed], false).await;
        for (pot, plants) in pots.iter().zip([45, 60]) {
            let request = pb::EnterCountRequest {
                packaging_id: Some(*pot),
                ..to_enter(&stock, &session, bed, plants)
            };
            enter(&stock, &request).await.unwrap();
        }

        let posted = post(&stock, &session.count_session_id).await.unwrap();

        assert_eq!(
            kinds(&posted.beds[0]),
            [(Some(50), Some(45), false), (Some(70), Some(60), false)]
        );
        assert_eq!(stock.standing(bed.location).await, 105);
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_entry_is_entered_once_and_withdrawn_by_who_entered_it() {
    for stock in everywhere().await {
        let beds = beds(&stock, 1).await;
        let session = open(&stock, &beds, false).await;
        let request = to_enter(&stock, &session, beds[0], 70);
        let answers = futures::future::join_all((0..4).map(|_| enter(&stock, &request))).await;
        let other = pb::EnterCountRequest {
            plants: 71,
            ..request.clone()
        };
        let reused = enter(&stock, &other).await.unwrap_err();
        let wrong = enter(&stock, &to_enter(&stock, &session, beds[0], 700))
            .await
            .unwrap();

        let withdrawn = withdraw(&stock, &wrong).await.unwrap();
        let twice = withdraw(&stock, &wrong).await.unwrap();

        let first = answers[0].as_ref().unwrap();
        assert!(
            answers
                .iter()
                .all(|answer| answer.as_ref().unwrap() == first)
        );
        assert_eq!(reason(&reused), "REQUEST_ID_REUSED");
        assert!(withdrawn.withdraw_time.is_some());
        assert_eq!(twice, withdrawn);
        let request = pb::ListCountEntriesRequest {
            count_session_id: session.count_session_id.clone(),
            page_size: 1,
            ..Default::default()
        };
        let page = stock
            .count_sessions()
            .list_count_entries(stock.as_user(request.clone(), &WORKER))
            .await;
        let page = page.unwrap().into_inner();
        let next = pb::ListCountEntriesRequest {
            page_token: page.next_page_token,
            ..request
        };
        let next = stock
            .count_sessions()
            .list_count_entries(stock.as_user(next, &WORKER))
            .await;
        assert_eq!(page.entries, [withdrawn]);
        assert_eq!(
            next.unwrap().into_inner().entries,
            std::slice::from_ref(first)
        );
        post(&stock, &session.count_session_id).await.unwrap();
        assert_eq!(stock.standing(beds[0].location).await, 70);
        stock.stop().await;
    }
}

#[tokio::test]
async fn of_two_supervisors_who_post_at_once_both_get_the_one_effect() {
    for stock in everywhere().await {
        let beds = beds(&stock, 2).await;
        let session = open(&stock, &beds, false).await;
        enter(&stock, &to_enter(&stock, &session, beds[0], 70))
            .await
            .unwrap();
        let seen = read(&stock, &session.count_session_id, &SUPERVISOR).await;
        let seen = seen.count_session.unwrap();
        let (mut one, mut other) = (stock.count_sessions(), stock.count_sessions());

        let (first, second) = tokio::join!(
            one.post_count_session(posting(&stock, &seen)),
            other.post_count_session(posting(&stock, &seen)),
        );

        assert_eq!(first.unwrap().into_inner(), second.unwrap().into_inner());
        let connection = stock.connection().await;
        let counts = "SELECT COUNT(*) AS n FROM hand_counts";
        assert_eq!(crate::harness::number(&connection, counts).await, 1);
        connection.close().await.unwrap();
        assert_eq!(stock.standing(beds[0].location).await, 70);
        stock.stop().await;
    }
}

#[tokio::test]
async fn whoever_posts_sends_back_what_they_saw() {
    for stock in everywhere().await {
        let beds = beds(&stock, 1).await;
        let session = open(&stock, &beds, false).await;
        let empty = post(&stock, &session.count_session_id).await.unwrap_err();
        enter(&stock, &to_enter(&stock, &session, beds[0], 70))
            .await
            .unwrap();

        let stale = stock
            .count_sessions()
            .post_count_session(posting(&stock, &session))
            .await;

        let stale = stale.unwrap_err();
        assert_eq!(
            (stale.code(), reason(&stale).as_str()),
            (Code::Aborted, "COUNT_SESSION_CHANGED")
        );
        assert_eq!(reason(&empty), "NOTHING_COUNTED");
        assert_eq!(stock.standing(beds[0].location).await, 0);
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_session_that_was_closed_takes_nothing_more() {
    for stock in everywhere().await {
        let beds = beds(&stock, 1).await;
        let given_up = open(&stock, &beds, false).await;
        let entry = enter(&stock, &to_enter(&stock, &given_up, beds[0], 70))
            .await
            .unwrap();
        let cancelled = cancel(&stock, &given_up.count_session_id).await.unwrap();
        let twice = cancel(&stock, &given_up.count_session_id).await.unwrap();
        let posted = open(&stock, &beds, false).await;
        enter(&stock, &to_enter(&stock, &posted, beds[0], 7))
            .await
            .unwrap();
        post(&stock, &posted.count_session_id).await.unwrap();

        let refused = [
            post(&stock, &given_up.count_session_id).await.map(drop),
            enter(&stock, &to_enter(&stock, &given_up, beds[0], 1))
                .await
                .map(drop),
            withdraw(&stock, &entry).await.map(drop),
            cancel(&stock, &posted.count_session_id).await.map(drop),
            enter(&stock, &to_enter(&stock, &posted, beds[0], 1))
                .await
                .map(drop),
        ];

        assert_eq!(twice, cancelled);
        for outcome in refused {
            assert_eq!(reason(&outcome.unwrap_err()), "COUNT_SESSION_CLOSED");
        }
        assert_eq!(stock.standing(beds[0].location).await, 7);
        let request = pb::ListCountSessionsRequest {
            status: pb::CountSessionStatus::Cancelled.into(),
            ..Default::default()
        };
        let listed = stock
            .count_sessions()
            .list_count_sessions(stock.as_user(request, &WORKER))
            .await;
        assert_eq!(listed.unwrap().into_inner().count_sessions, [cancelled]);
        stock.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused_with_its_reason() {
    for stock in everywhere().await {
        let beds = beds(&stock, 2).await;
        let agave = stock.given_a_product("Agave").await;
        let session = open(&stock, &beds[..1], false).await;
        let good = to_enter(&stock, &session, beds[0], 1);
        let elsewhere = pb::CountSession {
            count_session_id: stock.id(),
            ..session.clone()
        };
        let future = prost_types::Timestamp {
            seconds: noon().timestamp() + 3600,
            nanos: 0,
        };
        for (request, expected) in [
            (to_enter(&stock, &session, beds[1], 1), "INVALID_FIELD"),
            (to_enter(&stock, &elsewhere, beds[0], 1), "NOT_FOUND"),
            (
                pb::EnterCountRequest {
                    product_id: agave,
                    ..good.clone()
                },
                "PRODUCT_MISMATCH",
            ),
            (
                pb::EnterCountRequest {
                    plants: -1,
                    ..good.clone()
                },
                "INVALID_FIELD",
            ),
            (
                pb::EnterCountRequest {
                    counted_time: Some(future),
                    ..good.clone()
                },
                "INVALID_FIELD",
            ),
        ] {
            let refused = enter(&stock, &request).await.unwrap_err();
            assert_eq!(reason(&refused), expected, "{request:?}");
        }
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_session_of_beds_that_are_not_there_is_refused_by_field() {
    for stock in everywhere().await {
        let beds = beds(&stock, 1).await;
        let unknown = pb::OpenCountSessionRequest {
            storage_location_ids: vec![beds[0].location, 99],
            ..to_open(&stock, &beds, false)
        };
        let unknown = stock.as_user(unknown, &WORKER);
        let unknown = stock
            .count_sessions()
            .open_count_session(unknown)
            .await
            .unwrap_err();
        assert!(
            unknown.message().contains("storage_location_ids[1]"),
            "{}",
            unknown.message()
        );
        stock.stop().await;
    }
}

#[tokio::test]
async fn workers_count_and_supervisors_post_and_cancel() {
    for stock in everywhere().await {
        let beds = beds(&stock, 1).await;
        let session = open(&stock, &beds, false).await;
        enter(&stock, &to_enter(&stock, &session, beds[0], 5))
            .await
            .unwrap();
        let viewer = stock.as_user(to_enter(&stock, &session, beds[0], 5), &["stock:read"]);
        let viewer = stock.count_sessions().enter_count(viewer).await;
        let id = session.count_session_id.clone();
        let etag = session.etag.clone();
        let posting = pb::PostCountSessionRequest {
            count_session_id: id.clone(),
            etag,
        };
        let cancelling = pb::CancelCountSessionRequest {
            count_session_id: id,
        };
        let posted = stock.as_user(posting, &WORKER);
        let posted = stock.count_sessions().post_count_session(posted).await;
        let cancelled = stock.as_user(cancelling, &WORKER);
        let cancelled = stock.count_sessions().cancel_count_session(cancelled).await;

        for refused in [viewer.map(drop), posted.map(drop), cancelled.map(drop)] {
            assert_eq!(reason(&refused.unwrap_err()), "PERMISSION_MISSING");
        }
        stock.stop().await;
    }
}
