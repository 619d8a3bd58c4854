//! Where a level shows structure at all.

use super::geometry::pixels;
use super::{Rect, Window};

/// How much a level changes from one row of pixels to the next, in square cells.
///
/// A pair of rows that differ is what the next coarser level, which has their mean,
/// does not show.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Detail {
    columns: u32,
    cells: Vec<f32>,
}

// === impl Detail ===

impl Detail {
    /// Side of a cell, in pixels of the level.
    pub(crate) const CELL: u32 = 16;

    /// Cells row by row, `columns` in each; mean differences in grey levels, 0 to 255.
    pub(crate) fn new(columns: u32, cells: Vec<f32>) -> Self {
        Self { columns, cells }
    }

    /// The cells of a window that differ by at least this much, in pixels of the level.
    pub(crate) fn within(&self, window: &Window, least: f32) -> impl Iterator<Item = Rect> {
        let first = |edge: u32| edge / Self::CELL;
        let columns = first(window.x)..(window.x + window.size.width).div_ceil(Self::CELL);
        let rows = first(window.y)..(window.y + window.size.height).div_ceil(Self::CELL);
        let columns = columns.start..columns.end.min(self.columns);
        let places = rows.flat_map(move |row| columns.clone().map(move |column| (column, row)));
        places
            .filter(move |(column, row)| self.at(*column, *row) >= least)
            .map(|(column, row)| cell(column, row))
    }

    fn at(&self, column: u32, row: u32) -> f32 {
        let index = usize::try_from(u64::from(row) * u64::from(self.columns) + u64::from(column));
        let cell = index.ok().and_then(|index| self.cells.get(index));
        cell.copied().unwrap_or(0.0)
    }
}

fn cell(column: u32, row: u32) -> Rect {
    let side = pixels(Detail::CELL);
    let (x_min, y_min) = (pixels(column) * side, pixels(row) * side);
    Rect {
        x_min,
        y_min,
        x_max: x_min + side,
        y_max: y_min + side,
    }
}

#[cfg(test)]
mod tests {
    use super::{Detail, Window};
    use crate::domain::{Rect, Size};

    fn window(x: u32, y: u32, length: u32) -> Window {
        let size = Size {
            width: length,
            height: length,
        };
        Window { x, y, size }
    }

    #[test]
    fn a_window_has_the_cells_that_it_touches() {
        // Three columns, two rows; only the last cell of each row has structure.
        let detail = Detail::new(3, vec![0.0, 1.0, 5.0, 0.0, 1.0, 4.0]);
        let found = |window: Window, least| detail.within(&window, least).count();

        assert_eq!(found(window(0, 0, 48), 4.0), 2);
        assert_eq!(found(window(0, 0, 48), 4.5), 1);
        assert_eq!(found(window(0, 0, 32), 4.0), 0);
        assert_eq!(found(window(0, 0, 33), 4.0), 2);
        assert_eq!(found(window(40, 20, 99), 4.0), 1);
        let cell = detail.within(&window(0, 0, 48), 4.5).next();
        let expected = Rect {
            x_min: 32.0,
            y_min: 0.0,
            x_max: 48.0,
            y_max: 16.0,
        };
        assert_eq!(cell, Some(expected));
    }

    #[test]
    fn nothing_is_known_of_what_was_not_measured() {
        let nothing = Detail::default();

        assert_eq!(nothing.within(&window(0, 0, 640), 0.1).count(), 0);
    }
}
