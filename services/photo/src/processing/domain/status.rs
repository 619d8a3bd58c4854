//! The state machine of a session: one function says every change there is.

/// How far a session is. The warning states wait for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Stored; nobody has looked where it belongs.
    Received,
    /// Its location is known.
    Located,
    /// A model is looking at it, or was when its worker ended.
    Analysing,
    /// Its plants are counted and the count is kept.
    Counted,
    /// Its count is in the ledger. The end.
    Posted,
    /// No position, or outside every location.
    NeedsLocation,
    /// Nothing says what grows in its location.
    NeedsConfig,
    /// Gave up.
    Failed,
}

/// What happens to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A location was found, or was stated with the upload.
    LocationFound,
    /// No location fits.
    LocationUnknown,
    /// A worker hands it to the model.
    AnalysisStarted,
    /// The model answered and the answer is kept.
    PlantsCounted,
    /// The ledger has the count.
    CountPosted,
    /// The ledger does not know what grows there.
    ConfigurationMissing,
    /// Trying again would not help.
    GaveUp,
    /// A person said where it belongs.
    LocationAssigned {
        /// A count is kept already: it need not be counted again.
        counted: bool,
    },
    /// A person wants another try.
    RetryAsked {
        /// Its location is known.
        located: bool,
        /// A count is kept already.
        counted: bool,
    },
}

/// The event does not fit the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session that is {} cannot do that", .status.name())]
pub struct WrongStatus {
    /// What the session is.
    pub status: Status,
}

// === impl Status ===

impl Status {
    /// Every status, in the order of the work.
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Located,
        Self::Analysing,
        Self::Counted,
        Self::Posted,
        Self::NeedsLocation,
        Self::NeedsConfig,
        Self::Failed,
    ];

    /// The status after the event.
    pub fn after(self, event: Event) -> Result<Self, WrongStatus> {
        let next = match (self, event) {
            (Self::Received, Event::LocationFound) => Self::Located,
            (Self::Received, Event::LocationUnknown) => Self::NeedsLocation,
            // Analysing again: the worker before this one ended half-way.
            (Self::Located | Self::Analysing, Event::AnalysisStarted) => Self::Analysing,
            (Self::Analysing, Event::PlantsCounted) => Self::Counted,
            (Self::Counted, Event::CountPosted) => Self::Posted,
            (Self::Counted, Event::ConfigurationMissing) => Self::NeedsConfig,
            (Self::Received | Self::Located | Self::Analysing | Self::Counted, Event::GaveUp) => {
                Self::Failed
            }
            (Self::NeedsLocation | Self::Failed, Event::LocationAssigned { counted }) => {
                Self::to_do(true, counted)
            }
            (
                Self::NeedsLocation | Self::NeedsConfig | Self::Failed,
                Event::RetryAsked { located, counted },
            ) => Self::to_do(located, counted),
            _ => return Err(WrongStatus { status: self }),
        };
        Ok(next)
    }

    /// Where the work goes on, given what is known.
    fn to_do(located: bool, counted: bool) -> Self {
        match (located, counted) {
            (true, true) => Self::Counted,
            (true, false) => Self::Located,
            (false, _) => Self::Received,
        }
    }

    /// Whether a worker has something to do.
    pub fn is_runnable(self) -> bool {
        match self {
            Self::Received | Self::Located | Self::Analysing | Self::Counted => true,
            Self::Posted | Self::NeedsLocation | Self::NeedsConfig | Self::Failed => false,
        }
    }

    /// Share of the work that is done, 0 to 100. A failed session shows none:
    /// what it had done is not told by its status.
    pub fn percent(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Received | Self::NeedsLocation => 5,
            Self::Located => 20,
            Self::Analysing => 40,
            Self::Counted | Self::NeedsConfig => 90,
            Self::Posted => 100,
        }
    }

    /// Its name in the database and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Located => "located",
            Self::Analysing => "analysing",
            Self::Counted => "counted",
            Self::Posted => "posted",
            Self::NeedsLocation => "needs_location",
            Self::NeedsConfig => "needs_config",
            Self::Failed => "failed",
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [Event; 12] = [
        Event::LocationFound,
        Event::LocationUnknown,
        Event::AnalysisStarted,
        Event::PlantsCounted,
        Event::CountPosted,
        Event::ConfigurationMissing,
        Event::GaveUp,
        Event::LocationAssigned { counted: false },
        Event::LocationAssigned { counted: true },
        Event::RetryAsked {
            located: false,
            counted: false,
        },
        Event::RetryAsked {
            located: true,
            counted: false,
        },
        Event::RetryAsked {
            located: true,
            counted: true,
        },
    ];

    fn walk(events: &[Event]) -> Result<Status, WrongStatus> {
        events
            .iter()
            .try_fold(Status::Received, |status, event| status.after(*event))
    }

    #[test]
    fn the_main_job_ends_posted() {
        let end = walk(&[
            Event::LocationFound,
            Event::AnalysisStarted,
            Event::PlantsCounted,
            Event::CountPosted,
        ]);

        assert_eq!(end, Ok(Status::Posted));
    }

    #[test]
    fn nothing_changes_a_posted_session() {
        for event in EVENTS {
            assert!(Status::Posted.after(event).is_err(), "{event:?}");
        }
    }

    #[test]
    fn a_worker_that_takes_over_may_start_the_analysis_again() {
        assert_eq!(
            Status::Analysing.after(Event::AnalysisStarted),
            Ok(Status::Analysing)
        );
    }

    #[test]
    fn a_session_that_waits_changes_only_when_a_person_says_so() {
        for waiting in [Status::NeedsLocation, Status::NeedsConfig, Status::Failed] {
            for event in EVENTS {
                let by_a_person = matches!(
                    event,
                    Event::LocationAssigned { .. } | Event::RetryAsked { .. }
                );
                assert!(
                    by_a_person || waiting.after(event).is_err(),
                    "{waiting:?} {event:?}"
                );
            }
        }
    }

    #[test]
    fn an_assigned_location_does_not_count_twice() {
        let counted = Status::Failed.after(Event::LocationAssigned { counted: true });
        let not_yet = Status::NeedsLocation.after(Event::LocationAssigned { counted: false });

        assert_eq!(
            (counted, not_yet),
            (Ok(Status::Counted), Ok(Status::Located))
        );
    }

    #[test]
    fn every_runnable_status_can_go_on_and_give_up() {
        for status in Status::ALL {
            let goes_on = EVENTS[..6].iter().any(|event| status.after(*event).is_ok());
            assert_eq!(status.is_runnable(), goes_on, "{status:?}");
            assert_eq!(status.is_runnable(), status.after(Event::GaveUp).is_ok());
        }
    }

    #[test]
    fn names_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.name()), Some(status));
        }
        assert_eq!(Status::from_name("done"), None);
    }
}
