//! Finds the boxes near a box without asking all of them.

use super::Rect;

/// Boxes by the cells they touch.
pub(super) struct Grid {
    cell: f32,
    columns: usize,
    rows: usize,
    cells: Vec<Vec<u32>>,
}

// === impl Grid ===

impl Grid {
    /// An empty grid whose cells fit these boxes: a box touches a handful of cells,
    /// and there are not many more cells than boxes.
    pub(super) fn sized_for<'a>(rects: impl Iterator<Item = &'a Rect>) -> Self {
        let (mut area, mut count) = (0f64, 0f64);
        let (mut right, mut bottom) = (1f32, 1f32);
        for rect in rects {
            area += f64::from(rect.area());
            count += 1.0;
            right = right.max(rect.x_max);
            bottom = bottom.max(rect.y_max);
        }
        let all = f64::from(right) * f64::from(bottom);
        let typical = (area / f64::max(count, 1.0)).sqrt();
        let roomy = (all / f64::max(count, 1.0)).sqrt();
        let cell = narrow(typical.max(roomy / 2.0).max(1.0));
        let (columns, rows) = (index(right / cell) + 1, index(bottom / cell) + 1);
        Self {
            cell,
            columns,
            rows,
            cells: vec![Vec::new(); columns * rows],
        }
    }

    pub(super) fn insert(&mut self, id: u32, rect: &Rect) {
        for cell in self.touched(rect) {
            self.cells[cell].push(id);
        }
    }

    /// Ids of all boxes that may share area with this one; some more than once.
    pub(super) fn near(&self, rect: &Rect) -> impl Iterator<Item = u32> {
        let cells = self.touched(rect);
        cells.flat_map(|cell| self.cells[cell].iter().copied())
    }

    fn touched(&self, rect: &Rect) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns;
        let column = |x: f32| index(x / self.cell).min(columns - 1);
        let row = |y: f32| index(y / self.cell).min(self.rows - 1);
        let across = column(rect.x_min)..=column(rect.x_max);
        let down = row(rect.y_min)..=row(rect.y_max);
        down.flat_map(move |row| across.clone().map(move |column| row * columns + column))
    }
}

/// Whole cells; negative and senseless values are the first one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and callers clamp"
)]
fn index(value: f32) -> usize {
    value as usize
}

#[expect(clippy::cast_possible_truncation, reason = "a length in pixels")]
fn narrow(value: f64) -> f32 {
    value as f32
}
