//! From boxes to an expected number of plants.

use super::curve::Curve;
use super::matching::Example;
use super::surroundings::Surroundings;
use super::table::{Cell, Table};
use crate::domain::Detection;

/// The chance that a box is a plant, and how many plants stand behind such a box.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    pub(super) curve: Curve,
    pub(super) table: Table,
}

/// What the boxes of a photo speak for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Expectation {
    /// Boxes that are shown.
    pub(crate) boxes: f64,
    /// Expected plants, never below zero.
    pub(crate) plants: f64,
    /// What the line between shown and not shown is expected to get wrong: shown boxes
    /// that are no plants, and plants of which the box is too faint.
    pub(crate) doubtful: f64,
}

// === impl Shape ===

impl Shape {
    /// Fitted to photos whose plants are known, so that over all of them, and in each
    /// well filled band of size and crowding, as many plants are expected as there are.
    pub(super) fn fit<'a>(examples: impl Iterator<Item = &'a Example> + Clone) -> Self {
        let boxes = examples.clone().flat_map(Example::boxes);
        let samples = boxes.map(|(found, hit)| (found.confidence, hit));
        let curve = Curve::fit(samples.collect());
        let unlearned = Self {
            curve,
            table: Table::neutral(),
        };
        let mut tally = unlearned.table.tally();
        for example in examples {
            let sight = unlearned.sight(&example.candidates);
            for (index, (_, hit)) in example.boxes().enumerate() {
                let (cell, chance) = (sight.cells[index], sight.chances[index]);
                tally.expect(cell, chance);
                if hit {
                    tally.stands(cell);
                }
            }
            for missed in &example.missed {
                let crowding = sight.surroundings.crowding(missed, None);
                tally.stands(unlearned.table.cell(missed.side(), crowding));
            }
        }
        let table = unlearned.table.learned(&tally);
        Self { table, ..unlearned }
    }

    /// Every box is a plant, and every plant has one.
    pub(super) fn neutral() -> Self {
        Self {
            curve: Curve::flat(1.0),
            table: Table::neutral(),
        }
    }

    /// What these boxes speak for; those that are at least so `sure` are shown.
    pub(super) fn expect(&self, candidates: &[Detection], sure: f32) -> Expectation {
        let sight = self.sight(candidates);
        let mut sum = Expectation::default();
        for ((found, chance), cell) in candidates.iter().zip(&sight.chances).zip(&sight.cells) {
            sum.plants += chance * self.table.factor(*cell);
            if found.confidence >= sure {
                sum.boxes += 1.0;
                sum.doubtful += 1.0 - chance;
            } else {
                sum.doubtful += chance;
            }
        }
        sum
    }

    fn sight(&self, candidates: &[Detection]) -> Sight {
        let chances = candidates
            .iter()
            .map(|found| self.curve.at(found.confidence));
        let chances: Vec<f64> = chances.collect();
        let surroundings = Surroundings::of(candidates, &chances);
        let cells = candidates.iter().enumerate().map(|(index, found)| {
            let crowding = surroundings.crowding(&found.rect, Some(index));
            self.table.cell(found.rect.side(), crowding)
        });
        Sight {
            cells: cells.collect(),
            chances,
            surroundings,
        }
    }
}

/// The boxes of a photo with what their neighbours say.
struct Sight {
    chances: Vec<f64>,
    cells: Vec<Cell>,
    surroundings: Surroundings,
}
