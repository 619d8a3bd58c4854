//! Facts: what people and photos say happened in a bed, and when.
//!
//! Phones are offline, so facts arrive in any order. What stands in a bed follows
//! from its facts alone, never from the order in which they came.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::quantity::{Change, Quantity};
use crate::catalog::domain::Kind;
use crate::ids::{BatchId, HandCountId, MonthActId, MovementId, SessionId};
use crate::invalid::Invalid;

/// A phone's clock may be ahead by this much; what it calls the future is then now.
const CLOCK_AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Tells a fact from every other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactId {
    /// A movement that somebody entered: the line itself.
    Entry(MovementId),
    /// A photo's count.
    Photo(SessionId),
    /// A count by hand.
    Hand(HandCountId),
    /// What a month-end says was sold of the plants that its count did not find. It
    /// does nothing to the bed: its lines cancel, so no other fact takes notice.
    Month(MonthActId),
}

/// What a line names of its fact: the fact itself, unless it is the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The entered movement that the line corrects.
    pub entry: Option<MovementId>,
    /// The photo.
    pub photo: Option<SessionId>,
    /// The count by hand.
    pub hand: Option<HandCountId>,
    /// The month's act.
    pub month: Option<MonthActId>,
}

/// When something took effect, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The instant.
    pub at: DateTime<Utc>,
    /// Where it comes from.
    pub source: TimeSource,
}

/// Where an instant comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    /// Nobody said: it is when it was recorded.
    Recorded,
    /// Whoever sent it said so.
    Stated,
    /// It is the photo's.
    Photo,
}

/// Something that happened in a bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// When it took effect.
    pub at: DateTime<Utc>,
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Plants came into a batch, or went.
    Entry {
        /// The batch that was named.
        batch: BatchId,
        /// Its plants.
        change: Change,
    },
    /// Plants were counted.
    Count(Count),
}

/// How many plants stood in a bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Chosen by who counted, so that two counts of one instant have an order.
    pub key: Uuid,
    /// The plants.
    pub plants: Quantity,
    /// What the count speaks of.
    pub covers: Covers,
    /// What the plants are: of a count by hand always, of a photo where the bed
    /// was empty.
    pub kind: Kind,
    /// The batch of that kind which gets them when none stands there. It may not
    /// exist yet.
    pub home: BatchId,
}

/// What a count speaks of, and so replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Everything in the bed: the kinds that stand there share the plants.
    Bed,
    /// The product of the count's kind; other products keep what they have.
    Product,
    /// The product of the count's kind in its packaging; the product in others keeps
    /// what it has.
    Packaging,
}

// === impl FactId ===

impl FactId {
    /// The key alone.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Entry(id) => id.0,
            Self::Photo(id) => id.0,
            Self::Hand(id) => id.0,
            Self::Month(id) => id.0,
        }
    }

    /// What a line of the fact names of it.
    pub fn named_by(self, line: MovementId) -> Named {
        let mut named = Named::default();
        match self {
            Self::Entry(id) => named.entry = Some(id).filter(|id| *id != line),
            Self::Photo(id) => named.photo = Some(id),
            Self::Hand(id) => named.hand = Some(id),
            Self::Month(id) => named.month = Some(id),
        }
        named
    }
}

// === impl Named ===

impl Named {
    /// The fact of the line that names this.
    pub fn fact_of(self, line: MovementId) -> FactId {
        let photo = self.photo.map(FactId::Photo);
        let hand = self.hand.map(FactId::Hand);
        let month = self.month.map(FactId::Month);
        let entry = FactId::Entry(self.entry.unwrap_or(line));
        photo.or(hand).or(month).unwrap_or(entry)
    }
}

// === impl Effective ===

impl Effective {
    /// The instant that somebody states for something recorded `now`, or now.
    /// Refused in the future, and when it is longer ago than `limit`.
    pub fn stated(
        at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        limit: TimeDelta,
    ) -> Result<Self, Invalid> {
        let Some(at) = at else {
            let source = TimeSource::Recorded;
            return Ok(Self { at: now, source });
        };
        if at > now + CLOCK_AHEAD {
            return Err(Invalid::new("effective_time", "must not be in the future"));
        }
        if at < now - limit {
            let problem = format!("must not be more than {} days ago", limit.num_days());
            return Err(Invalid::new("effective_time", problem));
        }
        Ok(Self {
            at: at.min(now),
            source: TimeSource::Stated,
        })
    }
}

// === impl Covers ===

impl Covers {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bed => "bed",
            Self::Product => "product",
            Self::Packaging => "packaging",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Bed, Self::Product, Self::Packaging]
            .into_iter()
            .find(|known| known.code() == code)
    }
}

// === impl TimeSource ===

impl TimeSource {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Stated => "stated",
            Self::Photo => "photo",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Recorded, Self::Stated, Self::Photo]
            .into_iter()
            .find(|known| known.code() == code)
    }
}

// === impl Fact ===

impl Fact {
    /// Whether it is a count.
    pub const fn is_count(&self) -> bool {
        matches!(self.what, What::Count(_))
    }

    /// Sorts facts as they happened. Of one instant, plants come before plants go,
    /// and both before a count: then the order says nothing about who came first.
    pub fn order(&self) -> (DateTime<Utc>, u8, Uuid) {
        match &self.what {
            What::Entry { change, .. } if change.is_inbound() => (self.at, 0, Uuid::nil()),
            What::Entry { .. } => (self.at, 1, Uuid::nil()),
            What::Count(count) => (self.at, 2, count.key),
        }
    }
}

/// The batch that a count's plants go to when none of their kind stands there: the
/// one that got them before, else the newest of that kind.
///
/// `before` are the batches that the count's own lines brought plants to, `batches`
/// those that it may take, oldest first.
pub fn home(
    kind: Kind,
    before: impl IntoIterator<Item = BatchId>,
    batches: &[(BatchId, Kind)],
) -> Option<BatchId> {
    let is_of_kind = |id: &BatchId| batches.iter().any(|(batch, of)| batch == id && *of == kind);
    let newest = batches.iter().rev().find(|(_, of)| *of == kind);
    let before = before.into_iter().find(is_of_kind);
    before.or(newest.map(|(batch, _)| *batch))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    #[test]
    fn an_instant_is_now_unless_stated_and_says_which() {
        let limit = TimeDelta::days(45);

        let now = Effective::stated(None, at(100), limit).unwrap();
        let then = Effective::stated(Some(at(55)), at(100), limit).unwrap();

        assert_eq!((now.at, now.source), (at(100), TimeSource::Recorded));
        assert_eq!((then.at, then.source), (at(55), TimeSource::Stated));
    }

    #[test]
    fn a_clock_a_little_ahead_means_now_and_the_future_is_refused() {
        let limit = TimeDelta::days(45);
        let stated = |minutes| {
            let at = at(100) + TimeDelta::minutes(minutes);
            Effective::stated(Some(at), self::at(100), limit)
        };

        assert_eq!(stated(5).unwrap().at, at(100));
        assert_eq!(stated(6).unwrap_err().field, "effective_time");
    }

    #[test]
    fn what_is_too_long_ago_is_refused_and_the_limit_is_told() {
        let refused = Effective::stated(Some(at(54)), at(100), TimeDelta::days(45)).unwrap_err();

        assert!(refused.problem.contains("45 days"), "{}", refused.problem);
    }

    #[test]
    fn every_source_and_what_a_count_covers_read_back() {
        for code in ["bed", "product", "packaging"] {
            assert_eq!(Covers::from_code(code).unwrap().code(), code);
        }
        for code in ["recorded", "stated", "photo"] {
            assert_eq!(TimeSource::from_code(code).unwrap().code(), code);
        }
    }
}
