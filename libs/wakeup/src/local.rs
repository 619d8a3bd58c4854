//! Topics and short-lived facts inside one process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Above this many facts the expired ones are swept at each write, so that
/// keys that nobody asks for again do not pile up.
const SWEEP_ABOVE: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Local {
    topics: Mutex<HashMap<String, Arc<Notify>>>,
    facts: Mutex<HashMap<String, Fact>>,
}

#[derive(Debug)]
struct Fact {
    value: String,
    expires_at: Instant,
}

// === impl Local ===

impl Local {
    /// Wakes one waiter, or the next one to come.
    pub(crate) fn notify(&self, topic: &str) {
        self.topic(topic).notify_one();
    }

    pub(crate) async fn wait(&self, topic: &str, longest: Duration) -> bool {
        let topic = self.topic(topic);
        tokio::time::timeout(longest, topic.notified())
            .await
            .is_ok()
    }

    fn topic(&self, topic: &str) -> Arc<Notify> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = topics.get(topic) {
            return Arc::clone(found);
        }
        Arc::clone(topics.entry(topic.to_owned()).or_default())
    }

    pub(crate) fn increment(&self, key: &str, ttl: Duration) -> u64 {
        let now = Instant::now();
        let mut facts = self.facts(now);
        let fact = facts
            .entry(key.to_owned())
            .or_insert_with(|| Fact::new("0", now, ttl));
        if fact.expires_at <= now {
            *fact = Fact::new("0", now, ttl);
        }
        let count = fact.value.parse::<u64>().unwrap_or(0).saturating_add(1);
        fact.value = count.to_string();
        count
    }

    pub(crate) fn remember(&self, key: &str, value: &str, ttl: Duration) {
        let now = Instant::now();
        self.facts(now)
            .insert(key.to_owned(), Fact::new(value, now, ttl));
    }

    pub(crate) fn recall(&self, key: &str) -> Option<String> {
        let now = Instant::now();
        self.facts(now)
            .get(key)
            .filter(|fact| fact.expires_at > now)
            .map(|fact| fact.value.clone())
    }

    pub(crate) fn forget(&self, key: &str) {
        self.facts(Instant::now()).remove(key);
    }

    fn facts(&self, now: Instant) -> MutexGuard<'_, HashMap<String, Fact>> {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.len() > SWEEP_ABOVE {
            facts.retain(|_, fact| fact.expires_at > now);
        }
        facts
    }
}

// === impl Fact ===

impl Fact {
    fn new(value: &str, now: Instant, ttl: Duration) -> Self {
        Self {
            value: value.to_owned(),
            expires_at: now + ttl,
        }
    }
}
