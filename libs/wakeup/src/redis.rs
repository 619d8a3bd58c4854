//! Topics over Redis pub/sub, facts as Redis keys with an expiry.

use std::time::Duration;

use fred::clients::{Client, SubscriberClient};
use fred::interfaces::{
    ClientLike as _, EventInterface as _, KeysInterface as _, LuaInterface as _,
    PubsubInterface as _,
};
use fred::types::Builder;
use fred::types::Expiration;
use fred::types::config::{Config, ReconnectPolicy};
use tracing::warn;

use std::sync::Arc;

use crate::WakeupError;
use crate::local::Local;

/// Topics and keys share a Redis with others.
const CHANNELS: &str = "demeter:wake:";
const KEYS: &str = "demeter:fact:";
const COMMAND_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// In one script, because a counter without an expiry would stay for ever.
const INCREMENT: &str = "\
    local count = redis.call('INCR', KEYS[1]) \
    if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end \
    return count";

#[derive(Debug)]
pub(crate) struct Redis {
    commands: Client,
    subscriber: SubscriberClient,
    /// Waiters of this process; the subscriber wakes them.
    waiters: Arc<Local>,
}

// === impl Redis ===

impl Redis {
    pub(crate) async fn connect(url: &str) -> Result<Self, WakeupError> {
        let mut config = Config::from_url(url)?;
        // A Redis that is down at start must not keep a service from starting.
        config.fail_fast = false;
        let mut builder = Builder::from_config(config);
        builder
            .with_connection_config(|connection| {
                connection.connection_timeout = CONNECT_TIMEOUT;
                connection.internal_command_timeout = CONNECT_TIMEOUT;
                connection.max_command_attempts = 1;
            })
            .with_performance_config(|performance| {
                performance.default_command_timeout = COMMAND_TIMEOUT;
            })
            .set_policy(ReconnectPolicy::new_exponential(0, 100, 5_000, 2));
        let commands = builder.build()?;
        let subscriber = builder.build_subscriber_client()?;
        let waiters = Arc::new(Local::default());
        listen(&subscriber, &waiters);
        commands.connect();
        subscriber.connect();
        let redis = Self {
            commands,
            subscriber,
            waiters,
        };
        if let Err(error) = redis.subscribe().await {
            warn!(%error, "no answer from Redis yet; workers look for work by themselves meanwhile");
        }
        Ok(redis)
    }

    /// Returns when this process hears every topic, so that the first
    /// notification is not missed.
    async fn subscribe(&self) -> Result<(), WakeupError> {
        Ok(self.subscriber.psubscribe(format!("{CHANNELS}*")).await?)
    }

    pub(crate) fn local(&self) -> &Local {
        &self.waiters
    }

    pub(crate) async fn publish(&self, topic: &str) -> Result<(), WakeupError> {
        if !self.commands.is_connected() {
            // Whoever notifies must not wait for a Redis that is down.
            self.waiters.notify(topic);
            return Ok(());
        }
        let heard: u64 = self
            .commands
            .publish(format!("{CHANNELS}{topic}"), "")
            .await?;
        if heard == 0 {
            // Not subscribed yet: at least this process hears it.
            self.waiters.notify(topic);
        }
        Ok(())
    }

    pub(crate) async fn increment(&self, key: &str, ttl: Duration) -> Result<u64, WakeupError> {
        let milliseconds = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        let key = format!("{KEYS}{key}");
        Ok(self.commands.eval(INCREMENT, key, milliseconds).await?)
    }

    pub(crate) async fn remember(
        &self,
        key: &str,
        value: &str,
        ttl: Duration,
    ) -> Result<(), WakeupError> {
        // Redis refuses an expiry of zero.
        let milliseconds = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX).max(1);
        let expiry = Some(Expiration::PX(milliseconds));
        let key = format!("{KEYS}{key}");
        Ok(self.commands.set(key, value, expiry, None, false).await?)
    }

    pub(crate) async fn recall(&self, key: &str) -> Result<Option<String>, WakeupError> {
        Ok(self.commands.get(format!("{KEYS}{key}")).await?)
    }

    pub(crate) async fn forget(&self, key: &str) -> Result<(), WakeupError> {
        Ok(self.commands.del(format!("{KEYS}{key}")).await?)
    }

    pub(crate) async fn ping(&self) -> Result<(), WakeupError> {
        Ok(self.commands.ping(None).await?)
    }

    pub(crate) async fn close(&self) {
        // Both end either way; a connection that is down cannot say goodbye.
        self.subscriber.quit().await.ok();
        self.commands.quit().await.ok();
    }
}

/// Both tasks end when the subscriber quits.
fn listen(subscriber: &SubscriberClient, waiters: &Arc<Local>) {
    let waiters = Arc::clone(waiters);
    subscriber.on_message(move |message| {
        if let Some(topic) = message.channel.strip_prefix(CHANNELS) {
            waiters.notify(topic);
        }
        std::future::ready(Ok(()))
    });
    subscriber.manage_subscriptions();
}
