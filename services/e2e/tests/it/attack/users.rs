//! People at work while someone attacks from outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::{Length, Row};
use crate::harness::{System, User};

/// Between two looks of one person at a screen.
const THINKS: Duration = Duration::from_millis(500);
const WORKS: Duration = Duration::from_secs(10);
/// What people wait at most, but for one call in a hundred.
const PATIENCE: Duration = Duration::from_millis(250);

/// What people met in a while of work.
struct Work {
    /// How long each answer took, shortest first.
    waits: Vec<Duration>,
    /// Answers that were none.
    failed: usize,
}

// === impl Work ===

impl Work {
    async fn of(user: &User, people: usize) -> Self {
        let work = (0..people).map(|_| one_person(user));
        let calls = futures::future::join_all(work).await;
        let calls: Vec<_> = calls.into_iter().flatten().collect();
        let failed = calls.iter().filter(|(well, _)| !well).count();
        let mut waits: Vec<_> = calls.into_iter().map(|(_, wait)| wait).collect();
        waits.sort_unstable();
        Self { waits, failed }
    }

    fn percentile(&self, share: usize) -> Duration {
        let last = self.waits.len() - 1;
        self.waits[(self.waits.len() * share / 100).min(last)]
    }

    fn told(&self) -> String {
        let (half, most) = (self.percentile(50), self.percentile(99));
        let (calls, failed) = (self.waits.len(), self.failed);
        let (half, most) = (half.as_millis(), most.as_millis());
        format!("p50 {half} ms, p99 {most} ms of {calls} calls, {failed} failed")
    }
}

async fn one_person(user: &User) -> Vec<(bool, Duration)> {
    let (began, mut calls) = (Instant::now(), Vec::new());
    while began.elapsed() < WORKS {
        let asked = Instant::now();
        let (status, _) = user.get("/api/v1/stock/batches?page_size=20").await;
        calls.push((status.is_success(), asked.elapsed()));
        tokio::time::sleep(THINKS).await;
    }
    calls
}

/// Invented names, large bodies for anyone's calls, bad tokens: as fast as one
/// client gets its answers, until told to stop.
async fn attack(system: &System, stop: &AtomicBool) -> usize {
    let nobody = User::nobody(&system.url());
    let mut mallory = nobody.clone();
    mallory.token = "x".repeat(8_000);
    let large = json!({ "email": "x".repeat(1_000_000) });
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        let name = "x".repeat(8_000);
        let invented = format!("/demeter.auth.v1.SessionService/{sent}{name}");
        nobody.try_post(&invented, &json!({})).await;
        nobody.try_post("/api/v1/auth/refresh", &large).await;
        mallory.try_post("/api/v1/stock/batches", &large).await;
        sent += 3;
    }
    sent
}

pub(super) async fn at_work(system: &System, admin: &User, length: Length) -> Row {
    let row = Row::new(
        1,
        "the outsider's attacks while people work",
        "every call got 503",
    );
    let calm = Work::of(admin, length.users).await;
    let stop = AtomicBool::new(false);
    let people = async {
        let work = Work::of(admin, length.users).await;
        stop.store(true, Ordering::Relaxed);
        work
    };
    let (attacked, sent) = tokio::join!(people, attack(system, &stop));
    let users = length.users;
    let now = format!(
        "{users} users: {}; beside {sent} hostile calls: {}",
        calm.told(),
        attacked.told()
    );
    // A machine that is busy with other things is slow by itself.
    let patience = PATIENCE.max(calm.percentile(99) * 4);
    let few_failed = attacked.failed * 20 <= attacked.waits.len();
    row.now(now, few_failed && attacked.percentile(99) < patience)
}
