//! Who works on a session.

use chrono::{DateTime, Utc};

/// Who works on a session, and until when nobody else may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Names one worker of one process that is running.
    pub owner: String,
    /// From then on others may take over.
    pub until: DateTime<Utc>,
}
