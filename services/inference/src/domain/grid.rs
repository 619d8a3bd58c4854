//! Finds the boxes that overlap a box without asking all of them.

use std::ops::Range;

use super::{Rect, whole_part};

/// Boxes by the cells they touch.
///
/// All boxes lie in one list, cell after cell: each cell has room for every box that
/// may come, so that nothing moves and nothing is allocated while boxes are added.
pub(super) struct Grid {
    /// Cells per pixel.
    scale: f32,
    columns: usize,
    rows: usize,
    cells: Vec<Cell>,
    entries: Vec<Entry>,
}

/// The part of the list that belongs to a cell.
#[derive(Clone, Copy, Default)]
struct Cell {
    begin: usize,
    end: usize,
}

/// A box, with what a comparison needs, so that a cell is read in one go.
#[derive(Clone, Copy)]
struct Entry {
    rect: Rect,
    area: f32,
    id: u32,
}

// === impl Grid ===

impl Grid {
    /// Cells are this much larger than a typical box, of which most then touch one or
    /// two: reading a few more boxes in a row costs less than another cell.
    const CELL: f64 = 3.0;

    /// An empty grid with room for these boxes, all of which have an inside. There are
    /// not many more cells than boxes.
    pub(super) fn with_room_for<'a>(rects: impl Iterator<Item = &'a Rect> + Clone) -> Self {
        let (mut area, mut count) = (0f64, 0usize);
        let (mut right, mut bottom) = (1f32, 1f32);
        for rect in rects.clone() {
            area += f64::from(rect.area());
            count += 1;
            right = right.max(rect.x_max);
            bottom = bottom.max(rect.y_max);
        }
        let all = f64::from(right) * f64::from(bottom);
        let each = 1.0 / whole(count.max(1));
        let typical = (area * each).sqrt();
        let roomy = (all * each).sqrt();
        let cell = (Self::CELL * typical).max(roomy / 2.0).max(1.0);
        let scale = narrow(1.0 / cell);
        // What lies beyond the last cell counts as in it.
        let most = 4 * count + 1;
        let cells_along = |length: f32| (index(length * scale) + 1).min(most);
        let (columns, rows) = (cells_along(right), cells_along(bottom));
        let mut grid = Self {
            scale,
            columns,
            rows,
            cells: vec![Cell::default(); columns * rows],
            entries: Vec::new(),
        };
        grid.make_room(rects);
        grid
    }

    fn make_room<'a>(&mut self, rects: impl Iterator<Item = &'a Rect>) {
        for rect in rects {
            let (across, down) = self.touched(rect);
            for row in down {
                let cells = self.row(row);
                for cell in &mut self.cells[cells][across.clone()] {
                    cell.end += 1;
                }
            }
        }
        let mut taken = 0;
        for cell in &mut self.cells {
            let begin = taken;
            taken += cell.end;
            *cell = Cell { begin, end: begin };
        }
        self.entries = vec![Entry::NOTHING; taken];
    }

    /// Adds one of the boxes that there is room for.
    pub(super) fn insert(&mut self, id: u32, rect: &Rect) {
        let entry = Entry::new(id, rect);
        let (across, down) = self.touched(rect);
        for row in down {
            let cells = self.row(row);
            for cell in &mut self.cells[cells][across.clone()] {
                self.entries[cell.end] = entry;
                cell.end += 1;
            }
        }
    }

    /// Whether any of the boxes that overlap this one by the threshold, which is above
    /// zero, `is` what is looked for. Some are asked more than once.
    pub(super) fn any_overlapping(
        &self,
        rect: &Rect,
        threshold: f32,
        mut is: impl FnMut(u32) -> bool,
    ) -> bool {
        let wanted = Entry::new(0, rect);
        // Multiplying is faster than dividing, and nearly as exact.
        let about = threshold * 0.9999;
        let (across, down) = self.touched(rect);
        for row in down {
            for cell in &self.cells[self.row(row)][across.clone()] {
                for entry in &self.entries[cell.begin..cell.end] {
                    if entry.shared(&wanted) >= about * smaller(entry.area, wanted.area)
                        && entry.rect.overlap(rect) >= threshold
                        && is(entry.id)
                    {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Columns and rows.
    fn touched(&self, rect: &Rect) -> (Range<usize>, Range<usize>) {
        let column = |x: f32| index(x * self.scale).min(self.columns - 1);
        let row = |y: f32| index(y * self.scale).min(self.rows - 1);
        let across = column(rect.x_min)..column(rect.x_max) + 1;
        (across, row(rect.y_min)..row(rect.y_max) + 1)
    }

    /// The cells of a row.
    fn row(&self, row: usize) -> Range<usize> {
        row * self.columns..(row + 1) * self.columns
    }
}

// === impl Entry ===

impl Entry {
    const NOTHING: Self = Self {
        rect: Rect {
            x_min: 0.0,
            y_min: 0.0,
            x_max: 0.0,
            y_max: 0.0,
        },
        area: 0.0,
        id: 0,
    };

    fn new(id: u32, rect: &Rect) -> Self {
        Self {
            rect: *rect,
            area: rect.area(),
            id,
        }
    }

    /// The area that both cover, without a branch.
    fn shared(&self, other: &Self) -> f32 {
        let (a, b) = (&self.rect, &other.rect);
        let width = smaller(a.x_max, b.x_max) - larger(a.x_min, b.x_min);
        let height = smaller(a.y_max, b.y_max) - larger(a.y_min, b.y_min);
        larger(width, 0.0) * larger(height, 0.0)
    }
}

/// One instruction: boxes with an inside have only numbers.
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Whole cells; negative and senseless values are the first one.
fn index(value: f32) -> usize {
    whole_part(value) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "cells per pixel")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_precision_loss, reason = "a number of boxes")]
fn whole(count: usize) -> f64 {
    count as f64
}
