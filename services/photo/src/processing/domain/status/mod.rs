//! The state machine of a session: one function says every change there is.

use crate::ports::{BatchId, Count, CountSummary, LocationId, Place};
use crate::uploads::domain::Stage;

/// How far a session is, with what is known by then. Those that need something
/// wait for a person.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Stored; nobody has looked where it belongs.
    Received {
        /// The location stated with the upload.
        stated: Option<LocationId>,
    },
    /// Its location is known.
    Located(Place),
    /// A model is looking at it, or was when its worker ended.
    Analysing(Place),
    /// Its plants are counted and the count is kept.
    Counted(Counted),
    /// Its count is in the ledger. The end.
    Posted {
        /// What was posted.
        counted: Counted,
        /// The batch that holds the plants; a count of none makes no batch.
        batch: Option<BatchId>,
    },
    /// No position, or outside every location.
    NeedsLocation {
        /// Which of the two, and what to do.
        why: String,
    },
    /// Nothing says what grows in its location.
    NeedsConfig {
        /// What could not be posted.
        counted: Counted,
        /// What to do.
        why: String,
    },
    /// Gave up.
    Failed {
        /// Work that is done, and is not done again.
        known: Known,
        /// What went wrong.
        why: String,
    },
}

/// Plants counted in a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Where they stand.
    pub place: Place,
    /// How many.
    pub count: CountSummary,
}

/// What is known of a photo.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Nothing but the photo.
    Nothing,
    /// Where it belongs.
    Place(Place),
    /// Where it belongs and what is in it.
    Count(Counted),
}

/// What happens to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A location was found, or was stated with the upload.
    LocationFound(Place),
    /// No location fits, for this reason.
    LocationUnknown(String),
    /// A worker hands it to the model.
    AnalysisStarted,
    /// The model answered. The answer is kept together with the status.
    PlantsCounted(Count),
    /// The ledger has the count, and its plants in this batch.
    CountPosted(Option<BatchId>),
    /// The ledger does not know what grows there; what to do.
    ConfigurationMissing(String),
    /// Trying again would not help, for this reason.
    GaveUp(String),
    /// A person said where it belongs.
    LocationAssigned(LocationId),
    /// A person wants another try.
    RetryAsked,
}

/// The event does not fit the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongStatus {
    /// How far the session is.
    pub stage: Stage,
}

// === impl Status ===

impl Status {
    /// The status after the event.
    pub fn after(&self, event: &Event) -> Result<Self, WrongStatus> {
        let next = match (self.clone(), event) {
            (Self::Received { .. }, Event::LocationFound(place)) => Self::Located(*place),
            (Self::Received { .. }, Event::LocationUnknown(why)) => {
                Self::NeedsLocation { why: why.clone() }
            }
            // Analysing again: the worker before this one ended half-way.
            (Self::Located(place) | Self::Analysing(place), Event::AnalysisStarted) => {
                Self::Analysing(place)
            }
            (Self::Analysing(place), Event::PlantsCounted(count)) => Self::Counted(Counted {
                place,
                count: count.summary(),
            }),
            (Self::Counted(counted), Event::CountPosted(batch)) => Self::Posted {
                counted,
                batch: *batch,
            },
            (Self::Counted(counted), Event::ConfigurationMissing(why)) => Self::NeedsConfig {
                counted,
                why: why.clone(),
            },
            (status, Event::GaveUp(why)) if status.stage().is_runnable() => Self::Failed {
                known: status.known(),
                why: why.clone(),
            },
            (
                status @ (Self::NeedsLocation { .. } | Self::Failed { .. }),
                Event::LocationAssigned(location),
            ) => status.known().in_location(*location).resumed(),
            (
                status @ (Self::NeedsLocation { .. }
                | Self::NeedsConfig { .. }
                | Self::Failed { .. }),
                Event::RetryAsked,
            ) => status.known().resumed(),
            (status, _) => {
                let stage = status.stage();
                return Err(WrongStatus { stage });
            }
        };
        Ok(next)
    }

    /// How far it is, in one word.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Received { .. } => Stage::Received,
            Self::Located(_) => Stage::Located,
            Self::Analysing(_) => Stage::Analysing,
            Self::Counted(_) => Stage::Counted,
            Self::Posted { .. } => Stage::Posted,
            Self::NeedsLocation { .. } => Stage::NeedsLocation,
            Self::NeedsConfig { .. } => Stage::NeedsConfig,
            Self::Failed { .. } => Stage::Failed,
        }
    }

    /// What is known by now.
    pub fn known(&self) -> Known {
        match self {
            Self::Received { stated: None } | Self::NeedsLocation { .. } => Known::Nothing,
            Self::Received {
                stated: Some(location),
            } => Known::Place(Place::stated(*location)),
            Self::Located(place) | Self::Analysing(place) => Known::Place(*place),
            Self::Counted(counted)
            | Self::Posted { counted, .. }
            | Self::NeedsConfig { counted, .. } => Known::Count(counted.clone()),
            Self::Failed { known, .. } => known.clone(),
        }
    }

    /// The batch that holds the plants, once there is one.
    pub fn batch(&self) -> Option<BatchId> {
        match self {
            Self::Posted { batch, .. } => *batch,
            _ => None,
        }
    }

    /// Why it failed or waits, for people.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::NeedsLocation { why }
            | Self::NeedsConfig { why, .. }
            | Self::Failed { why, .. } => Some(why),
            _ => None,
        }
    }
}

// === impl Known ===

impl Known {
    /// Where it belongs.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Nothing => None,
            Self::Place(place) => Some(*place),
            Self::Count(counted) => Some(counted.place),
        }
    }

    /// What is in it.
    pub fn count(&self) -> Option<&CountSummary> {
        match self {
            Self::Nothing | Self::Place(_) => None,
            Self::Count(counted) => Some(&counted.count),
        }
    }

    /// The same in this location, which a person knows better than the camera.
    fn in_location(self, location: LocationId) -> Self {
        let before = self.place().unwrap_or_else(|| Place::stated(location));
        let place = Place { location, ..before };
        match self {
            Self::Nothing | Self::Place(_) => Self::Place(place),
            Self::Count(counted) => Self::Count(Counted { place, ..counted }),
        }
    }

    /// Where the work goes on.
    fn resumed(self) -> Status {
        match self {
            Self::Nothing => Status::Received { stated: None },
            Self::Place(place) => Status::Located(place),
            Self::Count(counted) => Status::Counted(counted),
        }
    }
}

#[cfg(test)]
mod tests;
