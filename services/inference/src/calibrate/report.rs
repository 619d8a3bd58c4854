//! What a calibration is worth.

use std::collections::BTreeMap;

use crate::domain::{Estimate, Range};

/// A photo whose plants are known, and what was said of it.
pub(super) struct Judged {
    pub(super) set: usize,
    pub(super) plants: usize,
    pub(super) said: Estimate,
}

/// Figures over photos.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// By number of the set.
    pub sets: BTreeMap<usize, Row>,
    /// Of all photos.
    pub all: Row,
}

/// Figures over photos of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Row {
    /// Photos.
    pub photos: usize,
    /// Plants that they show.
    pub plants: usize,
    /// Boxes at the least confidence that is shown.
    pub boxes: usize,
    /// Expected plants.
    pub expected: usize,
    /// Sum of what the boxes of each photo are off by.
    pub boxes_off: usize,
    /// Sum of what the expected number of each photo is off by.
    pub expected_off: usize,
    /// Photos with an interval.
    pub intervals: usize,
    /// Of these, those that hold the true number.
    pub held: usize,
    /// Sum of the intervals' widths.
    pub width: usize,
}

// === impl Table ===

impl Table {
    pub(super) fn of(judged: impl Iterator<Item = Judged>) -> Self {
        let mut table = Self {
            sets: BTreeMap::new(),
            all: Row::default(),
        };
        for judged in judged {
            table.sets.entry(judged.set).or_default().add(&judged);
            table.all.add(&judged);
        }
        table
    }
}

// === impl Row ===

impl Row {
    fn add(&mut self, judged: &Judged) {
        let Judged {
            set: _,
            plants,
            said,
        } = judged;
        self.photos += 1;
        self.plants += plants;
        self.boxes += said.boxes;
        self.expected += said.plants;
        self.boxes_off += said.boxes.abs_diff(*plants);
        self.expected_off += said.plants.abs_diff(*plants);
        if let Some(Range { low, high }) = said.range {
            self.intervals += 1;
            self.held += usize::from((low..=high).contains(plants));
            self.width += high - low;
        }
    }
}
