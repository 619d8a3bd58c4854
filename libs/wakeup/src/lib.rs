//! Wakes workers and shares short-lived facts, through Redis or in process.
//!
//! Never the truth: whatever is lost here costs time, not data. A caller that
//! waits for work also looks for it now and then by itself.

mod local;
mod redis;

use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use crate::local::Local;
use crate::redis::Redis;

/// Wakes and remembers. Clones share both.
#[derive(Clone, Debug)]
pub struct Wakeup(Arc<Place>);

#[derive(Debug)]
enum Place {
    Local(Local),
    Redis(Redis),
}

/// Redis refused or did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("Redis failed")]
pub struct WakeupError(#[from] fred::error::Error);

// === impl Wakeup ===

impl Wakeup {
    /// For one process: nothing leaves it.
    pub fn in_process() -> Self {
        Self(Arc::new(Place::Local(Local::default())))
    }

    /// For many processes, through the Redis at `url`. Fails only when the URL is
    /// not usable: a server that is down is tried again and again meanwhile.
    pub async fn redis(url: &str) -> Result<Self, WakeupError> {
        Ok(Self(Arc::new(Place::Redis(Redis::connect(url).await?))))
    }

    /// Wakes one waiter of the topic in every process, or the next one to come.
    pub async fn notify(&self, topic: &str) {
        match &*self.0 {
            Place::Local(local) => local.notify(topic),
            Place::Redis(redis) => {
                if let Err(error) = redis.publish(topic).await {
                    warn!(%error, topic, "could not wake other processes");
                    redis.local().notify(topic);
                }
            }
        }
    }

    /// Waits until the topic is notified (`true`) or `longest` has passed.
    pub async fn wait(&self, topic: &str, longest: Duration) -> bool {
        self.local().wait(topic, longest).await
    }

    /// Counts up and returns the new count. The counter is forgotten `ttl` after
    /// its first increment.
    pub async fn increment(&self, key: &str, ttl: Duration) -> Result<u64, WakeupError> {
        match &*self.0 {
            Place::Local(local) => Ok(local.increment(key, ttl)),
            Place::Redis(redis) => redis.increment(key, ttl).await,
        }
    }

    /// Keeps a value under the key for `ttl`, over the one that is there.
    pub async fn remember(&self, key: &str, value: &str, ttl: Duration) -> Result<(), WakeupError> {
        match &*self.0 {
            Place::Local(local) => {
                local.remember(key, value, ttl);
                Ok(())
            }
            Place::Redis(redis) => redis.remember(key, value, ttl).await,
        }
    }

    /// The value under the key, while it is remembered.
    pub async fn recall(&self, key: &str) -> Result<Option<String>, WakeupError> {
        match &*self.0 {
            Place::Local(local) => Ok(local.recall(key)),
            Place::Redis(redis) => redis.recall(key).await,
        }
    }

    /// Forgets the key: a value or a counter.
    pub async fn forget(&self, key: &str) -> Result<(), WakeupError> {
        match &*self.0 {
            Place::Local(local) => {
                local.forget(key);
                Ok(())
            }
            Place::Redis(redis) => redis.forget(key).await,
        }
    }

    /// Whether Redis answers; in process it always does.
    pub async fn healthy(&self) -> Result<(), WakeupError> {
        match &*self.0 {
            Place::Local(_) => Ok(()),
            Place::Redis(redis) => redis.ping().await,
        }
    }

    /// Closes the connections. Calls after it fail.
    pub async fn close(&self) {
        if let Place::Redis(redis) = &*self.0 {
            redis.close().await;
        }
    }

    fn local(&self) -> &Local {
        match &*self.0 {
            Place::Local(local) => local,
            Place::Redis(redis) => redis.local(),
        }
    }
}
