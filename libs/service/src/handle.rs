//! A hand on the parts of a running service, for tests of its end.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

/// Knows the parts of a service by name and can stop one of them dead, as a
/// fault would. A test does it to see that the whole service ends.
#[derive(Clone, Debug)]
pub struct Handle(Arc<[(String, CancellationToken)]>);

// === impl Handle ===

impl Handle {
    pub(crate) fn new(parts: impl IntoIterator<Item = (String, CancellationToken)>) -> Self {
        Self(parts.into_iter().collect())
    }

    /// Every server and worker, for example `gRPC server`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Drops the part where it stands. False when there is none of that name.
    pub fn kill(&self, name: &str) -> bool {
        let found = self.0.iter().find(|(other, _)| other == name);
        if let Some((_, kill)) = found {
            kill.cancel();
        }
        found.is_some()
    }
}
