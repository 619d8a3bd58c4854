//! Attacks that once worked, against a fresh system on loopback: what each did
//! before, and what it does now. `make attack` runs them at full length and prints
//! the table; a short form is among the tests.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is what it is run for"
)]

mod inside;
mod outside;
mod uploads;
mod users;

use std::time::Duration;

use tokio::time::Instant;

use crate::harness::{System, on_defaults};

/// How long and how hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    /// Method names that nobody has.
    invented: usize,
    /// Bytes of each.
    name_bytes: usize,
    /// Uploads at once.
    uploads: usize,
    /// Bytes of each.
    upload_bytes: usize,
    /// Pixels of each, a side.
    side: u32,
    /// People who work meanwhile.
    users: usize,
    /// Connections that say nothing.
    idle: usize,
}

const SHORT: Length = Length {
    invented: 300,
    name_bytes: 4_000,
    uploads: 16,
    upload_bytes: 4_000_000,
    side: 200,
    users: 5,
    idle: 50,
};

/// As the attacks were when they worked.
const FULL: Length = Length {
    invented: 8_700,
    name_bytes: 28_000,
    uploads: 50,
    upload_bytes: 19_900_000,
    side: 2_400,
    users: 50,
    idle: 1_000,
};

/// One attack and what came of it.
pub(crate) struct Row {
    /// Its number in the list of findings, which `docs/security.md` follows.
    number: u8,
    attack: &'static str,
    /// What it did when it was found.
    before: &'static str,
    now: String,
    held: bool,
}

impl Row {
    fn new(number: u8, attack: &'static str, before: &'static str) -> Self {
        Self {
            number,
            attack,
            before,
            now: String::new(),
            held: false,
        }
    }

    fn now(self, now: String, held: bool) -> Self {
        Self { now, held, ..self }
    }
}

/// Runs them all, the one that locks people out last.
async fn run(system: &System, length: Length) -> Vec<Row> {
    let mut rows = Vec::new();
    let began = Instant::now();
    let mut done = |row: Row| {
        let seconds = began.elapsed().as_secs();
        eprintln!(
            "{seconds:>4} s  {:>2}  {}: {}",
            row.number, row.attack, row.now
        );
        rows.push(row);
    };
    done(outside::invented_methods(system, length).await);
    done(users::at_work(system, length).await);
    done(uploads::long_thin_picture(system).await);
    done(inside::unknown_field(system).await);
    done(inside::query_over_path(system).await);
    done(outside::secrets_in_the_query(system).await);
    done(outside::plain_http_from_elsewhere(system));
    done(outside::headers(system).await);
    done(outside::silent_connections(system, length).await);
    done(outside::unsigned_tokens(system).await);
    done(uploads::flood(system, length).await);
    done(outside::sign_ins(system).await);
    rows
}

fn lines(row: &Row) -> String {
    let Row {
        number,
        attack,
        before,
        now,
        held,
    } = row;
    let verdict = if *held { "held" } else { "BROKEN" };
    format!("{number:>2}  {attack}\n    before  {before}\n    now     {now}\n    {verdict}\n")
}

fn table(rows: &[Row]) -> String {
    rows.iter().map(lines).collect()
}

fn assert_all_held(rows: &[Row]) {
    let broken: Vec<_> = rows
        .iter()
        .filter(|row| !row.held)
        .map(|row| row.number)
        .collect();
    assert!(
        broken.is_empty(),
        "attacks {broken:?} work:\n{}",
        table(rows)
    );
}

#[tokio::test]
async fn attacks_that_worked_are_held_off() {
    let Some(system) = on_defaults().await else {
        return;
    };
    let rows = run(&system, SHORT).await;
    assert_all_held(&rows);
}

/// Minutes long: for `make attack`.
#[tokio::test]
#[ignore = "make attack runs it"]
async fn attacks_at_full_length() {
    let Some(system) = on_defaults().await else {
        return;
    };
    let rows = tokio::time::timeout(Duration::from_mins(10), run(&system, FULL)).await;
    let rows = rows.expect("the attacks end within ten minutes");
    println!("{}", table(&rows));
    assert_all_held(&rows);
}
