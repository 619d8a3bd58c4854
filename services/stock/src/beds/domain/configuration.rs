//! What is expected to grow in a location, now and at any instant.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::bin::BinCategory;
use crate::catalog::domain::Kind;
use crate::ids::{ConfigurationId, LocationId, PackagingId, ProductId};
use crate::invalid::Invalid;

/// Lines of one configuration at most: a bed of 1.8 by 4.7 metres holds no more kinds.
pub const MAX_LINES: usize = 50;

/// Plants of one kind that are to grow in a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// In which containers; in any when `None`.
    pub container: Option<BinCategory>,
    /// What the plants are.
    pub kind: Kind,
}

/// Everything that is to grow in a location: one line at least, no two the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines(Vec<Line>);

/// What grows, or is to grow, in a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// What its plants are.
    pub lines: Lines,
    /// Planted area in square centimetres; 0 when not stated.
    pub area_cm2: f64,
    /// Free text.
    pub notes: String,
}

/// A version of what is expected to grow in a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// Tells it from the location's other configurations, active or past.
    pub id: ConfigurationId,
    /// The location.
    pub location: LocationId,
    /// What is to grow there.
    pub crop: Crop,
    /// How often it was edited in place, and one.
    pub revision: i32,
    /// When it became the active one.
    pub created_at: DateTime<Utc>,
    /// When it was last edited; when it was created, if never.
    pub updated_at: DateTime<Utc>,
    /// When it ceased to be the active one; `None` of the active one.
    pub closed_at: Option<DateTime<Utc>>,
}

// === impl Lines ===

impl Lines {
    /// Refuses none, more than [`MAX_LINES`], and two that say the same.
    pub fn new(lines: Vec<Line>) -> Result<Self, Invalid> {
        if lines.is_empty() || lines.len() > MAX_LINES {
            let problem = format!("must be 1 to {MAX_LINES} entries");
            return Err(Invalid::new("lines", problem));
        }
        let mut known = BTreeSet::new();
        let again = lines
            .iter()
            .position(|line| !known.insert((line.container.map(BinCategory::code), line.kind)));
        match again {
            None => Ok(Self(lines)),
            Some(at) => Err(Invalid::new(
                format!("lines[{at}]"),
                "says the same as a line before it: leave it out",
            )),
        }
    }

    /// As they were told.
    pub fn all(&self) -> &[Line] {
        &self.0
    }

    /// The kind that a photo of an empty bed is counted as: that of the first line
    /// for any container, else of the first line.
    pub fn main(&self) -> Kind {
        let any = self.0.iter().find(|line| line.container.is_none());
        any.unwrap_or(&self.0[0]).kind
    }

    /// The line that speaks of a product in a packaging: one that names both, else
    /// one that leaves the packaging open.
    pub fn fitting(&self, product: ProductId, packaging: Option<PackagingId>) -> Option<&Line> {
        let of_product = || self.0.iter().filter(|line| line.kind.product == product);
        let exact = of_product().find(|line| line.kind.packaging == packaging);
        exact.or_else(|| of_product().find(|line| line.kind.packaging.is_none()))
    }
}

// === impl Configuration ===

impl Configuration {
    /// What whoever edits it must have read: changes with every change.
    pub fn etag(&self) -> String {
        format!("{}-{}", self.id, self.revision)
    }

    /// Whether it had ceased to be the active one by then.
    pub fn is_closed_by(&self, at: DateTime<Utc>) -> bool {
        self.closed_at.is_some_and(|closed| closed <= at)
    }
}

/// What was last said to grow in a location by an instant: the newest of its
/// configurations, which are told oldest first, that was there by then. Before the
/// first one, the first: a bed is often photographed before anybody says what grows
/// in it.
pub fn configured_at(history: &[Configuration], at: DateTime<Utc>) -> Option<&Configuration> {
    let by_then = history.iter().rev().find(|one| one.created_at <= at);
    by_then.or(history.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn day(days: i32) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days.into())
    }

    fn a_line(container: Option<BinCategory>, product: i32) -> Line {
        let kind = Kind::from_keys(product, 1, None, None);
        Line { container, kind }
    }

    fn a_configuration(id: i32) -> Configuration {
        Configuration {
            id: ConfigurationId(id),
            location: LocationId(1),
            crop: Crop {
                lines: Lines::new(vec![a_line(None, id)]).unwrap(),
                area_cm2: 0.0,
                notes: String::new(),
            },
            revision: 1,
            created_at: day(id),
            updated_at: day(id),
            closed_at: None,
        }
    }

    #[test]
    fn a_bed_was_configured_as_it_was_by_then_or_as_it_was_first() {
        let history = [a_configuration(2), a_configuration(5)];
        let at = |days| configured_at(&history, day(days)).map(|one| one.id.0);

        assert_eq!([at(1), at(2), at(4), at(5)], [2, 2, 2, 5].map(Some));
        assert_eq!(configured_at(&[], DateTime::UNIX_EPOCH), None);
    }

    #[test]
    fn a_configuration_is_closed_from_the_instant_at_which_it_was() {
        let closed = Configuration {
            closed_at: Some(day(5)),
            ..a_configuration(2)
        };

        let gone = [1, 4, 5, 6].map(|days| closed.is_closed_by(day(days)));

        assert_eq!(gone, [false, false, true, true]);
        assert!(!a_configuration(2).is_closed_by(day(1000)));
    }

    #[test]
    fn an_etag_changes_with_every_edit_and_every_version() {
        let one = a_configuration(2);
        let edited = Configuration {
            revision: 2,
            ..one.clone()
        };

        assert_ne!(one.etag(), edited.etag());
        assert_ne!(one.etag(), a_configuration(3).etag());
    }

    #[test]
    fn an_empty_bed_takes_the_first_line_for_any_container_else_the_first() {
        let boxes = a_line(Some(BinCategory::Box), 1);
        let any = [a_line(None, 2), a_line(None, 3)];

        let main = |lines: Vec<Line>| Lines::new(lines).unwrap().main().product.0;

        assert_eq!(main(vec![boxes, any[0], any[1]]), 2);
        assert_eq!(main(vec![boxes, a_line(Some(BinCategory::Plug), 4)]), 1);
    }

    #[test]
    fn a_count_fits_the_line_that_names_its_packaging_else_one_that_leaves_it_open() {
        let packed = |product, packaging| Line {
            container: None,
            kind: Kind::from_keys(product, 1, None, packaging),
        };
        let lines = [packed(1, None), packed(1, Some(7)), packed(2, Some(7))];
        let lines = Lines::new(lines.to_vec()).unwrap();

        let fits = |product, packaging: Option<i32>| {
            let line = lines.fitting(ProductId(product), packaging.map(PackagingId));
            line.map(|line| line.kind.packaging.map(|packaging| packaging.0))
        };

        assert_eq!(fits(1, Some(7)), Some(Some(7)));
        assert_eq!(fits(1, Some(8)), Some(None));
        assert_eq!(fits(2, Some(8)), None);
        assert_eq!(fits(3, None), None);
    }

    #[test]
    fn lines_are_some_and_no_two_say_the_same() {
        let refused = |lines| Lines::new(lines).unwrap_err().field;
        let line = a_line(Some(BinCategory::Box), 1);

        assert_eq!(refused(vec![]), "lines");
        assert_eq!(refused(vec![line; 51]), "lines");
        assert_eq!(refused(vec![line, a_line(None, 1), line]), "lines[2]");
    }
}
