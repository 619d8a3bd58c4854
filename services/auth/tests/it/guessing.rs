//! Strangers who guess passwords, and the people whom they must not lock out.

use chrono::Duration;
use demeter_testkit::TestDatabase;
use tonic::{Code, Status};

use crate::harness::{ADMIN, Lab, PASSWORD, labs, refused};

const HOME: Option<&str> = Some("192.0.2.1");
const STRANGER: Option<&str> = Some("203.0.113.7");

/// The reason of a wrong password's refusal.
async fn guess(lab: &Lab, address: Option<&str>, email: &str) -> String {
    refused(lab.log_in_from(address, email, "a guess").await).1
}

async fn guesses(lab: &Lab, times: usize, address: Option<&str>, email: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    for _ in 0..times {
        reasons.push(guess(lab, address, email).await);
    }
    reasons
}

#[tokio::test]
async fn a_stranger_guesses_slower_and_slower() {
    for lab in labs().await {
        assert_eq!(
            guesses(&lab, 5, STRANGER, ADMIN).await,
            ["BAD_CREDENTIALS"; 5]
        );
        // From then on one attempt a wait, and the wait doubles up to 15 minutes.
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let status = lab.log_in_from(STRANGER, "Admin@Demeter.LOCAL", "x").await;
            let status = status.unwrap_err();
            assert_eq!(
                status.metadata().get("retry-after").unwrap(),
                &seconds.to_string()
            );
            assert_eq!(
                refused::<()>(Err(status)),
                (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS".to_owned())
            );
            lab.clock.advance(Duration::seconds(seconds));
            assert_eq!(guess(&lab, STRANGER, ADMIN).await, "BAD_CREDENTIALS");
        }
        lab.clock.advance(Duration::hours(1));
        assert_eq!(
            guesses(&lab, 5, STRANGER, ADMIN).await,
            ["BAD_CREDENTIALS"; 5],
            "it is forgotten after a while"
        );
    }
}

#[tokio::test]
async fn a_stranger_locks_nobody_out_of_where_they_signed_in_before() {
    for lab in labs().await {
        let sign_in = async || lab.log_in_from(HOME, ADMIN, PASSWORD).await;
        sign_in().await.unwrap();
        for other in 0..40 {
            guess(&lab, Some(&format!("203.0.113.{other}")), ADMIN).await;
        }
        guesses(&lab, 30, STRANGER, ADMIN).await;

        let elsewhere = lab.log_in_from(Some("192.0.2.9"), ADMIN, PASSWORD).await;
        assert_eq!(refused(elsewhere).1, "TOO_MANY_ATTEMPTS");
        for _ in 0..3 {
            sign_in().await.unwrap();
        }
    }
}

#[tokio::test]
async fn ones_own_wrong_passwords_cost_a_pause_and_no_refusal() {
    // The machine's clock: a person waits for real.
    let lab = Lab::in_time(TestDatabase::sqlite()).await;
    let sign_in = async || lab.log_in_from(HOME, ADMIN, PASSWORD).await;
    sign_in().await.unwrap();
    let reasons = guesses(&lab, 6, HOME, ADMIN).await;

    assert_eq!(reasons, ["BAD_CREDENTIALS"; 6]);
    sign_in().await.unwrap();
    assert_eq!(
        guesses(&lab, 4, HOME, ADMIN).await,
        ["BAD_CREDENTIALS"; 4],
        "the right password forgives them"
    );
}

#[tokio::test]
async fn one_address_does_not_try_many_accounts() {
    for lab in labs().await {
        lab.log_in_from(HOME, ADMIN, PASSWORD).await.unwrap();
        for person in 0..20 {
            let email = format!("person{person}@demeter.local");
            assert_eq!(guess(&lab, HOME, &email).await, "BAD_CREDENTIALS");
        }

        let next = guess(&lab, HOME, "another@demeter.local").await;
        let from_elsewhere = guess(&lab, STRANGER, "another@demeter.local").await;

        assert_eq!(next, "TOO_MANY_ATTEMPTS");
        assert_eq!(from_elsewhere, "BAD_CREDENTIALS");
        lab.log_in_from(HOME, ADMIN, PASSWORD)
            .await
            .expect("who is known here is not held up by others");
    }
}

/// Signing in to an account of one's own does not buy guesses at others'.
#[tokio::test]
async fn a_right_password_forgives_its_account_and_not_its_address() {
    for lab in labs().await {
        for person in 0..19 {
            let email = format!("person{person}@demeter.local");
            guess(&lab, STRANGER, &email).await;
        }
        guesses(&lab, 4, None, ADMIN).await;
        lab.log_in_from(STRANGER, ADMIN, PASSWORD).await.unwrap();

        assert_eq!(
            guesses(&lab, 4, None, ADMIN).await,
            ["BAD_CREDENTIALS"; 4],
            "those before are forgiven"
        );
        let more = [
            guess(&lab, STRANGER, "bea@demeter.local").await,
            guess(&lab, STRANGER, "cleo@demeter.local").await,
        ];
        assert!(more.contains(&"TOO_MANY_ATTEMPTS".to_owned()), "{more:?}");
    }
}

/// What is counted is counted before anything is computed.
#[tokio::test]
async fn of_a_hundred_guesses_at_once_no_more_are_verified_than_allowed() {
    for lab in labs().await {
        let lab = std::sync::Arc::new(lab);
        let mut guesses = tokio::task::JoinSet::new();
        for number in 0..100 {
            let lab = std::sync::Arc::clone(&lab);
            guesses.spawn(async move {
                let address = format!("203.0.{}.{number}", number % 7);
                lab.log_in_from(Some(&address), ADMIN, "a guess").await
            });
        }
        let outcomes = guesses.join_all().await;

        let code = |outcome: &Result<_, Status>| outcome.as_ref().unwrap_err().code();
        let of = |wanted| {
            let all = outcomes.iter();
            all.filter(|outcome| code(outcome) == wanted).count()
        };
        assert_eq!(of(Code::Unauthenticated), 5, "verified");
        assert_eq!(of(Code::ResourceExhausted), 95, "refused");
    }
}
