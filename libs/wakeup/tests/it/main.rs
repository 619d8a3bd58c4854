//! The same tests in process and, when `REDIS_URL` is set, through Redis.

#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

use std::time::Duration;

use demeter_testkit::{Lack, skip};
use demeter_wakeup::Wakeup;
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

async fn all() -> Vec<Wakeup> {
    let mut all = vec![Wakeup::in_process()];
    if let Some(url) = redis() {
        all.push(Wakeup::redis(&url).await.unwrap());
    }
    all
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests take their servers from the environment"
)]
fn redis() -> Option<String> {
    let url = std::env::var("REDIS_URL")
        .ok()
        .filter(|url| !url.is_empty());
    if url.is_none() {
        skip(Lack::NotPrepared, "Redis, because REDIS_URL is not set");
    }
    url
}

#[expect(clippy::disallowed_methods, reason = "only has to be unique")]
fn unique() -> String {
    Uuid::now_v7().to_string()
}

#[tokio::test]
async fn a_notification_wakes_a_waiter() {
    for wakeup in all().await {
        let topic = unique();

        let (woken, ()) = tokio::join!(wakeup.wait(&topic, LONG), wakeup.notify(&topic));

        assert!(woken);
    }
}

#[tokio::test]
async fn a_notification_before_the_wait_is_not_lost() {
    for wakeup in all().await {
        let topic = unique();

        wakeup.notify(&topic).await;

        assert!(wakeup.wait(&topic, LONG).await);
        assert!(!wakeup.wait(&topic, SHORT).await, "one wakes once");
    }
}

#[tokio::test]
async fn another_topic_wakes_nobody() {
    for wakeup in all().await {
        let topic = unique();

        wakeup.notify(&unique()).await;

        assert!(!wakeup.wait(&topic, SHORT).await);
    }
}

#[tokio::test]
async fn another_process_is_woken_through_redis() {
    let Some(url) = redis() else { return };
    let (one, other) = (
        Wakeup::redis(&url).await.unwrap(),
        Wakeup::redis(&url).await.unwrap(),
    );
    let topic = unique();

    one.notify(&topic).await;

    assert!(other.wait(&topic, LONG).await);
}

#[tokio::test]
async fn a_counter_counts_until_it_is_forgotten() {
    for wakeup in all().await {
        let key = unique();

        let mut counts = Vec::new();
        for _ in 0..3 {
            counts.push(wakeup.increment(&key, LONG).await.unwrap());
        }
        wakeup.forget(&key).await.unwrap();

        assert_eq!(counts, [1, 2, 3]);
        assert_eq!(wakeup.increment(&key, LONG).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_value_is_recalled_until_it_is_forgotten() {
    for wakeup in all().await {
        let key = unique();
        assert_eq!(wakeup.recall(&key).await.unwrap(), None);

        wakeup.remember(&key, "first", LONG).await.unwrap();
        wakeup.remember(&key, "second", LONG).await.unwrap();
        assert_eq!(
            wakeup.recall(&key).await.unwrap().as_deref(),
            Some("second")
        );

        wakeup.forget(&key).await.unwrap();
        assert_eq!(wakeup.recall(&key).await.unwrap(), None);
        wakeup.healthy().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn facts_expire() {
    let wakeup = Wakeup::in_process();
    wakeup.remember("value", "x", LONG).await.unwrap();
    wakeup.increment("count", LONG).await.unwrap();

    tokio::time::advance(LONG).await;

    assert_eq!(wakeup.recall("value").await.unwrap(), None);
    assert_eq!(wakeup.increment("count", LONG).await.unwrap(), 1);
}

#[tokio::test]
async fn a_redis_that_is_down_does_not_keep_a_service_from_starting() {
    let wakeup = Wakeup::redis("redis://127.0.0.1:1").await.unwrap();
    let topic = unique();

    wakeup.notify(&topic).await;

    assert!(
        wakeup.wait(&topic, LONG).await,
        "this process still hears itself"
    );
    assert!(wakeup.healthy().await.is_err());
}
