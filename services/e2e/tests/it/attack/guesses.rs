//! Guessing passwords, and keeping others out by it.

use std::net::Ipv4Addr;

use reqwest::StatusCode;
use serde_json::json;
use tokio::time::Instant;

use super::Row;
use crate::harness::{ADMIN, System, User};

const MB: u64 = 1_000_000;
const LOGIN: &str = "/api/v1/auth/login";
const GUESSES: usize = 100;

async fn guess(stranger: &User, email: &str) -> StatusCode {
    let body = json!({ "email": email, "password": "wrong-wrong-wrong" });
    stranger.post(LOGIN, &body).await.0
}

/// How many of these answers are 401, a judged guess, and how many 429.
fn ends(answers: &[StatusCode]) -> (usize, usize) {
    let count = |status| answers.iter().filter(|answer| **answer == status).count();
    (
        count(StatusCode::UNAUTHORIZED),
        count(StatusCode::TOO_MANY_REQUESTS),
    )
}

pub(super) async fn in_parallel(system: &System) -> Row {
    let row = Row::new(
        13,
        "a hundred guesses at once at one password, from ten addresses",
        "up to 17 were judged, where 10 may be",
    );
    let strangers = (20..30).map(|last| system.stranger(Ipv4Addr::new(127, 0, 0, last)));
    let strangers: Vec<_> = strangers.collect();
    let guesses = strangers.iter().cycle().take(GUESSES);
    let guesses = guesses.map(|stranger| guess(stranger, ADMIN));
    let (judged, refused) = ends(&futures::future::join_all(guesses).await);
    row.now(
        format!("{judged} were judged, {refused} refused unheard"),
        judged + refused == GUESSES && judged <= 10,
    )
}

/// After [`in_parallel`], whose guesses count as well.
pub(super) async fn lock_out(system: &System) -> Row {
    let row = Row::new(
        6,
        "ten wrong passwords for the administrator, by a stranger",
        "locked the administrator out for 15 minutes",
    );
    let stranger = system.stranger(Ipv4Addr::new(127, 0, 0, 40));
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(guess(&stranger, ADMIN).await);
    }
    let (judged, refused) = ends(&answers);
    let body = json!({ "email": ADMIN, "password": system.password() });
    let began = Instant::now();
    let (status, _) = User::nobody(&system.url()).post(LOGIN, &body).await;
    row.now(
        format!(
            "{judged} judged, {refused} refused; the administrator: {} after {} ms",
            status.as_u16(),
            began.elapsed().as_millis()
        ),
        judged + refused == 10 && status == StatusCode::OK,
    )
}

/// Hashing kept memory; and one address could try without end.
pub(super) async fn from_one_address(system: &System) -> Row {
    let row = Row::new(
        4,
        "a hundred wrong passwords at once, from one address",
        "1,700 sign-ins took the process from 122 to 1,348 MB",
    );
    let before = system.memory();
    let stranger = User::nobody(&system.url());
    let tries = (0..GUESSES).map(|_| guess(&stranger, "stranger@demeter.local"));
    let (judged, refused) = ends(&futures::future::join_all(tries).await);
    let grown = system.memory().saturating_sub(before) / MB;
    let now =
        format!("{judged} were judged, {refused} refused unheard; the services grew by {grown} MB");
    row.now(
        now,
        judged + refused == GUESSES && judged <= 40 && grown < 200,
    )
}
