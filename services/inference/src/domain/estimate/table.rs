//! Plants per expected plant, by size and crowding.

use super::refusal::BadCalibration;

/// Sizes, in pixels of the photo, between which nothing else is known to differ: a
/// network that knows things of 8 to some hundred pixels sees small ones at one
/// resolution only, and large ones in parts.
const SIZES: [f64; 6] = [10.0, 16.0, 28.0, 56.0, 112.0, 224.0];
/// Expected neighbours: alone, in rows, side by side, packed.
const CROWDS: [f64; 3] = [1.0, 3.0, 5.0];
/// A cell is believed half when it has seen this many plants.
const HALF_BELIEVED: f64 = 30.0;
/// Beyond these a table is not a correction any more.
const LEAST: f64 = 0.2;
const MOST: f64 = 5.0;
const MOST_BANDS: usize = 16;

/// A factor for each band of size and each band of crowding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    sizes: Vec<f64>,
    crowds: Vec<f64>,
    /// By band of size, then of crowding.
    factors: Vec<Vec<f64>>,
}

/// A cell's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    size: usize,
    crowd: usize,
}

/// What stood in each cell, and what was expected to.
pub(super) struct Tally {
    cells: Vec<Vec<Counts>>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    truth: f64,
    expected: f64,
}

// === impl Table ===

impl Table {
    pub(super) fn new(
        sizes: Vec<f64>,
        crowds: Vec<f64>,
        factors: Vec<Vec<f64>>,
    ) -> Result<Self, BadCalibration> {
        for (name, edges) in [("sizes", &sizes), ("crowds", &crowds)] {
            let sound = edges.len() < MOST_BANDS
                && edges.iter().all(|edge| (0.0..1e6).contains(edge))
                && edges.is_sorted_by(|a, b| a < b);
            if !sound {
                return Err(BadCalibration::new(
                    name,
                    "at most 15 numbers from 0, rising",
                ));
            }
        }
        let rows = factors.iter().all(|row| row.len() == crowds.len() + 1);
        let factor = |factor: &f64| (LEAST..=MOST).contains(factor);
        if factors.len() == sizes.len() + 1 && rows && factors.iter().flatten().all(factor) {
            return Ok(Self {
                sizes,
                crowds,
                factors,
            });
        }
        let must = "a number from 0.2 to 5 for each band of size and crowding";
        Err(BadCalibration::new("factors", must))
    }

    /// One for all.
    pub(super) fn neutral() -> Self {
        Self {
            sizes: SIZES.to_vec(),
            crowds: CROWDS.to_vec(),
            factors: vec![vec![1.0; CROWDS.len() + 1]; SIZES.len() + 1],
        }
    }

    /// The bands that a box belongs to.
    pub(super) fn cell(&self, size: f32, crowding: f64) -> Cell {
        let size = f64::from(size);
        Cell {
            size: self.sizes.partition_point(|edge| *edge <= size),
            crowd: self.crowds.partition_point(|edge| *edge <= crowding),
        }
    }

    pub(super) fn factor(&self, cell: Cell) -> f64 {
        self.factors[cell.size][cell.crowd]
    }

    pub(super) fn tally(&self) -> Tally {
        let cells = self.factors.iter();
        Tally {
            cells: cells
                .map(|row| vec![Counts::default(); row.len()])
                .collect(),
        }
    }

    /// The same bands with the factors that a tally asks for: each cell's leans on its
    /// band of size, which leans on one, as far as little was seen in them.
    pub(super) fn learned(&self, tally: &Tally) -> Self {
        let learn = |row: &Vec<Counts>| {
            let band = row.iter().fold(Counts::default(), Counts::with);
            let usual = band.factor(1.0);
            row.iter().map(|cell| cell.factor(usual)).collect()
        };
        Self {
            factors: tally.cells.iter().map(learn).collect(),
            ..self.clone()
        }
    }

    pub(super) fn parts(&self) -> (&[f64], &[f64], &[Vec<f64>]) {
        (&self.sizes, &self.crowds, &self.factors)
    }
}

// === impl Tally ===

impl Tally {
    pub(super) fn expect(&mut self, cell: Cell, plants: f64) {
        self.cells[cell.size][cell.crowd].expected += plants;
    }

    pub(super) fn stands(&mut self, cell: Cell) {
        self.cells[cell.size][cell.crowd].truth += 1.0;
    }
}

// === impl Counts ===

impl Counts {
    fn with(self, other: &Self) -> Self {
        Self {
            truth: self.truth + other.truth,
            expected: self.expected + other.expected,
        }
    }

    fn factor(&self, usual: f64) -> f64 {
        let ratio = (self.truth + HALF_BELIEVED * usual) / (self.expected + HALF_BELIEVED);
        ratio.clamp(LEAST, MOST)
    }
}
