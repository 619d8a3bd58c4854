//! Slowing down whoever guesses passwords, and nobody else.

use std::time::Duration;

use demeter_db::write;
use tokio::time::Instant;

use crate::database::Tx;
use crate::error::{Error, Exhausted};
use crate::sessions::attempt::{Attempt, Counter};
use crate::sessions::store::attempts;
use crate::sessions::usecase::Sessions;

/// How long an attempt from a known address is held until its turn comes, instead
/// of being refused: longer than the longest wait there is, and less than the
/// gateway waits.
const PATIENCE: Duration = Duration::from_secs(8);

/// An attempt that may be made, and what has counted it.
#[derive(Debug)]
pub(super) struct Turn {
    own: Counter,
    besides: Option<Counter>,
}

/// Whether an attempt is counted, or has to wait.
enum Counted {
    Yes,
    TooSoon(chrono::Duration),
}

// === impl Sessions ===

impl Sessions {
    /// Counts an attempt before anything is computed for it, so that guessing in
    /// parallel gains nothing. Refused when it comes too soon; from where the
    /// account has signed in before, it waits for its turn.
    pub(super) async fn turn(&self, attempt: &Attempt) -> Result<Turn, Error> {
        let pair = attempt.pair();
        let is_known = attempts::is_known(self.store.connection(), pair.as_deref()).await?;
        let (own, besides) = attempt.counters(is_known);
        let turn = Turn { own, besides };
        let patience = if is_known { PATIENCE } else { Duration::ZERO };
        let deadline = Instant::now() + patience;
        while let Counted::TooSoon(wait) = self.count(&turn).await? {
            let next = Instant::now() + wait.to_std().unwrap_or_default();
            if next > deadline {
                let seconds = (wait.num_milliseconds() + 999).div_euclid(1000).max(1);
                return Err(Exhausted::Attempts { seconds }.into());
            }
            tokio::time::sleep_until(next).await;
        }
        Ok(turn)
    }

    /// The password was right: what it had to be tried for counts no more. What
    /// was tried from its address with other accounts still does.
    pub(super) async fn forgive(&self, turn: &Turn) -> Result<(), Error> {
        let connection = self.store.connection();
        attempts::clear(connection, &turn.own).await?;
        if let Some(besides) = &turn.besides {
            attempts::take_back(connection, besides).await?;
        }
        Ok(())
    }

    /// The attempt was not made after all.
    pub(super) async fn take_back(&self, turn: &Turn) -> Result<(), Error> {
        for counter in turn.counters() {
            attempts::take_back(self.store.connection(), counter).await?;
        }
        Ok(())
    }

    /// Counted everywhere or nowhere.
    async fn count(&self, turn: &Turn) -> Result<Counted, Error> {
        let counted = write(self.store.connection(), |tx| async move {
            self.count_all(&tx, turn).await
        });
        match counted.await {
            Ok(()) => Ok(Counted::Yes),
            Err(Error::Exhausted(Exhausted::Attempts { .. })) => self.wait(turn).await,
            Err(error) => Err(error),
        }
    }

    async fn count_all(&self, tx: &Tx, turn: &Turn) -> Result<(), Error> {
        let now = self.clock.now();
        for counter in turn.counters() {
            if !attempts::count(tx, counter, now).await? {
                return Err(Exhausted::Attempts { seconds: 0 }.into());
            }
        }
        Ok(())
    }

    async fn wait(&self, turn: &Turn) -> Result<Counted, Error> {
        let now = self.clock.now();
        let mut longest = chrono::Duration::zero();
        for counter in turn.counters() {
            let wait = attempts::wait(self.store.connection(), counter, now).await?;
            longest = longest.max(wait);
        }
        Ok(Counted::TooSoon(longest))
    }
}

// === impl Turn ===

impl Turn {
    fn counters(&self) -> impl Iterator<Item = &Counter> {
        std::iter::once(&self.own).chain(&self.besides)
    }
}
