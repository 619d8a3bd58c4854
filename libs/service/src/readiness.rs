//! Whether a service can work now, and if not, why.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A check that takes longer than this has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

type Outcome = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Check = Arc<dyn Fn() -> Outcome + Send + Sync>;

/// What a service needs in order to work. All of it works: ready.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<String, Check>>>);

// === impl Readiness ===

impl Readiness {
    /// Adds a named check; `Err` says why the service cannot work now.
    pub fn check<F, R>(&self, name: &str, check: F)
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), check);
    }

    /// Runs every check: its name, and `Err` with the reason if it failed.
    pub async fn report(&self) -> BTreeMap<String, Result<(), String>> {
        let checks = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut report = BTreeMap::new();
        for (name, check) in checks {
            let outcome = tokio::time::timeout(CHECK_TIMEOUT, check())
                .await
                .unwrap_or_else(|_elapsed| Err(format!("no answer within {CHECK_TIMEOUT:?}")));
            report.insert(name, outcome);
        }
        report
    }

    /// From now on not ready, so that no one sends new calls.
    pub(crate) fn stop(&self) {
        self.check("draining", || async {
            Err("the service is ending".to_owned())
        });
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readiness")
    }
}
