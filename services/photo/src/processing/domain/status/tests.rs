//! Every change of a session, and every one that is refused.

use uuid::Uuid;

use super::*;

fn place(number: i32) -> Place {
    Place::stated(LocationId::new(number).unwrap())
}

fn counted() -> Counted {
    Counted {
        place: place(1),
        count: Count::default().summary(),
    }
}

/// What workers bring about, and what people do.
fn events() -> (Vec<Event>, Vec<Event>) {
    let by_workers = vec![
        Event::LocationFound(place(1)),
        Event::LocationUnknown("nowhere".to_owned()),
        Event::AnalysisStarted,
        Event::PlantsCounted(Count::default()),
        Event::CountPosted(Some(BatchId(Uuid::from_u128(1)))),
        Event::ConfigurationMissing("configure it".to_owned()),
    ];
    let by_people = vec![
        Event::LocationAssigned(place(2).location),
        Event::RetryAsked,
    ];
    (by_workers, by_people)
}

fn gave_up() -> Event {
    Event::GaveUp("broken".to_owned())
}

fn statuses() -> Vec<Status> {
    let stated = Some(place(1).location);
    let why = || "so".to_owned();
    vec![
        Status::Received { stated: None },
        Status::Received { stated },
        Status::Located(place(1)),
        Status::Analysing(place(1)),
        Status::Counted(counted()),
        posted(),
        Status::NeedsLocation { why: why() },
        Status::NeedsConfig {
            counted: counted(),
            why: why(),
        },
        failed(Known::Nothing),
        failed(Known::Place(place(1))),
        failed(Known::Count(counted())),
    ]
}

fn posted() -> Status {
    Status::Posted {
        counted: counted(),
        batch: None,
    }
}

fn failed(known: Known) -> Status {
    let why = "broken".to_owned();
    Status::Failed { known, why }
}

#[test]
fn the_main_job_ends_posted() {
    let end = [
        Event::LocationFound(place(1)),
        Event::AnalysisStarted,
        Event::PlantsCounted(Count::default()),
        Event::CountPosted(None),
    ]
    .iter()
    .try_fold(Status::Received { stated: None }, |status, event| {
        status.after(event)
    });

    assert_eq!(end, Ok(posted()));
}

#[test]
fn nothing_changes_a_posted_session() {
    let (by_workers, by_people) = events();
    for event in [by_workers, by_people, vec![gave_up()]].concat() {
        assert!(posted().after(&event).is_err(), "{event:?}");
    }
}

#[test]
fn a_worker_that_takes_over_may_start_the_analysis_again() {
    let analysing = Status::Analysing(place(1));

    assert_eq!(analysing.after(&Event::AnalysisStarted), Ok(analysing));
}

#[test]
fn a_session_that_waits_changes_only_when_a_person_says_so() {
    let waits = |status: &Status| !status.stage().is_runnable();
    for waiting in statuses().into_iter().filter(waits) {
        for event in events().0.iter().chain([&gave_up()]) {
            assert!(waiting.after(event).is_err(), "{waiting:?} {event:?}");
        }
    }
}

#[test]
fn an_assigned_location_does_not_count_twice() {
    let assigned = Event::LocationAssigned(place(2).location);
    let nowhere = Status::NeedsLocation { why: String::new() };

    let counted_before = failed(Known::Count(counted())).after(&assigned);
    let not_counted = nowhere.after(&assigned);

    let moved = Counted {
        place: place(2),
        ..counted()
    };
    assert_eq!(counted_before, Ok(Status::Counted(moved)));
    assert_eq!(not_counted, Ok(Status::Located(place(2))));
}

#[test]
fn a_retry_goes_on_with_what_is_known() {
    for (known, goes_on) in [
        (Known::Nothing, Status::Received { stated: None }),
        (Known::Place(place(1)), Status::Located(place(1))),
        (Known::Count(counted()), Status::Counted(counted())),
    ] {
        assert_eq!(failed(known).after(&Event::RetryAsked), Ok(goes_on));
    }
}

#[test]
fn giving_up_forgets_nothing() {
    let runnable = |status: &Status| status.stage().is_runnable();
    for status in statuses().into_iter().filter(runnable) {
        let given_up = status.after(&gave_up()).unwrap();

        assert_eq!(given_up.known(), status.known());
    }
}

#[test]
fn every_runnable_status_can_go_on_and_give_up() {
    for status in statuses() {
        let runnable = status.stage().is_runnable();
        let goes_on = events().0.iter().any(|event| status.after(event).is_ok());
        let gives_up = status.after(&gave_up()).is_ok();

        assert_eq!((goes_on, gives_up), (runnable, runnable), "{status:?}");
    }
}
