//! Why a step did not happen, and whether it is tried again.

use chrono::Duration;
use demeter_objects::ObjectError;

use crate::ports::CallError;
use crate::processing::domain::HeldUp;

/// Failures that say nothing about whether trying again helps are tried this
/// often.
const MAX_TRIES: i32 = 5;
/// The longest wait between two tries.
const MAX_BACKOFF_SECONDS: i64 = 30;

/// Why a step did not happen.
pub(super) enum Setback {
    /// It can be tried again for as long as it takes.
    Later(String),
    /// It can be tried a few times.
    Perhaps(String),
    /// Trying again does not help.
    Never(String),
}

/// What becomes of the session.
pub(super) enum Verdict {
    /// The step is tried again.
    Again(HeldUp),
    /// A person has to look, for this reason.
    GiveUp(String),
}

// === impl Setback ===

impl Setback {
    /// After `before` tries that failed: how many those are now, and what follows.
    pub(super) fn judged(self, before: i32) -> (i32, Verdict) {
        let tries = before.saturating_add(1);
        let verdict = match self {
            Self::Perhaps(why) if tries >= MAX_TRIES => Verdict::GiveUp(why),
            Self::Never(why) => Verdict::GiveUp(why),
            Self::Later(why) | Self::Perhaps(why) => Verdict::Again(HeldUp { tries, why }),
        };
        (tries, verdict)
    }
}

impl From<CallError> for Setback {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Busy(message) => Self::Later(message),
            CallError::Refused { message, .. } => Self::Never(message),
            CallError::Forbidden(message) | CallError::Broken(message) => Self::Perhaps(message),
        }
    }
}

impl From<ObjectError> for Setback {
    /// A picture that is gone does not come back by waiting.
    fn from(error: ObjectError) -> Self {
        let message = error.to_string();
        match error {
            ObjectError::Store(_) => Self::Later(message),
            ObjectError::NotFound { .. } | ObjectError::Key { .. } => Self::Perhaps(message),
        }
    }
}

/// 1, 2, 4, 8, 16 and then 30 seconds.
pub(super) fn backoff(tries: i32) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(5);
    Duration::seconds((1 << doublings).min(MAX_BACKOFF_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_half_a_minute() {
        let waits: Vec<_> = (1..=8).map(|tries| backoff(tries).num_seconds()).collect();

        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn only_what_may_heal_is_tried_again_for_ever() {
        let gives_up =
            |setback: Setback, before| matches!(setback.judged(before), (_, Verdict::GiveUp(_)));

        assert!(!gives_up(Setback::Later(String::new()), 1_000));
        assert!(!gives_up(Setback::Perhaps(String::new()), 3));
        assert!(gives_up(Setback::Perhaps(String::new()), 4));
        assert!(gives_up(Setback::Never(String::new()), 0));
    }
}
