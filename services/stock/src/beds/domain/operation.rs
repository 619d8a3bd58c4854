//! One configuration given to many locations at once, and its undoing.

use chrono::{DateTime, Utc};

use crate::ids::{ConfigurationId, LocationId, OperationId};

/// One configuration given to many locations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Chosen by who gave it.
    pub id: OperationId,
    /// Who gave it.
    pub user: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Locations whose configuration it changed.
    pub changed_locations: i32,
    /// When it was undone, and by whom.
    pub undone: Option<Undone>,
}

/// When an operation was undone, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub user: String,
}

/// What became of a location's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The location.
    pub location: LocationId,
    /// The version that was active before, if one was.
    pub previous: Option<ConfigurationId>,
    /// The version that is active after, if one is.
    pub current: Option<ConfigurationId>,
    /// False: it was configured just so already.
    pub changed: bool,
}

/// What an operation did to a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The location.
    pub location: LocationId,
    /// The version that was active before, if one was.
    pub previous: Option<ConfigurationId>,
    /// The version that was active after: the previous one, if it said just that.
    pub made: ConfigurationId,
    /// The version that the operation's undoing made, if it made one.
    pub undone: Option<ConfigurationId>,
}

/// What giving a configuration to many locations did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The operation; `None` of a dry run.
    pub operation: Option<Operation>,
    /// One per location, by its key.
    pub changes: Vec<Change>,
}

// === impl Applied ===

impl Applied {
    /// Whether the location was configured otherwise before.
    pub fn is_change(&self) -> bool {
        self.previous != Some(self.made)
    }

    /// What became of the location.
    pub fn change(&self) -> Change {
        Change {
            location: self.location,
            previous: self.previous,
            current: Some(self.made),
            changed: self.is_change(),
        }
    }

    /// What would have become of it: the version that was made is undone.
    pub fn rehearsed(&self) -> Change {
        Change {
            current: self.previous.filter(|_| !self.is_change()),
            ..self.change()
        }
    }

    /// What the operation's undoing made of it.
    pub fn undoing(&self) -> Change {
        Change {
            location: self.location,
            previous: Some(self.made),
            current: self.undone,
            changed: true,
        }
    }
}
