//! Where to look closer: the coarsest level first, and finer ones only where they
//! may change the count.
//!
//! Two things ask for a closer look at a window:
//!
//! - something small in the next coarser level, however faint: it may be several, and
//!   where one is, others may be that this level does not show;
//! - structure where nothing sure was seen. Not in the finest level: a plant that
//!   leaves no trace in the level before it is a few pixels wide there, and hardly more
//!   in the finest, where it would not be found either.
//!
//! So ground without a trace, and plants large enough to be sure of, are not looked at
//! again. Each rule only adds windows: with nothing skipped, the plan is searched as
//! it stands.

use super::detail::Detail;
use super::geometry::pixels;
use super::{Level, Parameters, Plan, Rect, Search, Sighting, Window};

/// Traces below this confidence ask for nothing.
const FAINT: f32 = 0.05;
/// What is at least this confident, and not small, needs no second look.
const SURE: f32 = 0.5;
/// The network is at its best from this longer side on, in pixels of a level.
const SMALL: f32 = 32.0;
/// What is not sure asks for a closer look up to this longer side: with 32 pixels, 1.2 %
/// of the boxes of rendered scenes were lost against an exhaustive search; with 56, 0.3 %.
const UNSURE_SMALL: f32 = 56.0;
/// Share of a trace that lies in a plant one is sure of when it is a part of it.
const PART: f32 = 0.8;
/// Structure, in grey levels; the noise of a camera in the dark is below it, once a
/// photo is halved.
const STRUCTURE: f32 = 4.0;

/// What was seen of a photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Looked {
    /// Each level of the plan, finest first; nothing where it was not looked at.
    pub levels: Vec<Vec<Sighting>>,
    /// Number of windows that were looked at.
    pub window_count: usize,
}

/// A search of a plan, level by level.
#[derive(Clone, Debug)]
pub(crate) struct Exploration<'a> {
    plan: &'a Plan,
    parameters: Parameters,
    /// What was seen in each level, coarsest first, with faint traces.
    seen: Vec<Vec<Sighting>>,
    window_count: usize,
}

// === impl Exploration ===

impl<'a> Exploration<'a> {
    /// Before anything was looked at.
    pub(crate) fn of(plan: &'a Plan, parameters: &Parameters) -> Self {
        Self {
            plan,
            parameters: *parameters,
            seen: Vec::with_capacity(plan.levels.len()),
            window_count: 0,
        }
    }

    /// The confidence down to which sightings are wanted.
    pub(crate) fn floor(&self) -> f32 {
        match self.parameters.search() {
            Search::Adaptive => self.parameters.min_confidence().min(FAINT),
            Search::Exhaustive => self.parameters.min_confidence(),
        }
    }

    /// The level that comes next; `None` after the finest.
    pub(crate) fn level(&self) -> Option<&'a Level> {
        let left = self.plan.levels.len().checked_sub(self.seen.len() + 1)?;
        self.plan.levels.get(left)
    }

    /// Where to look in the level that comes next, row by row. `detail` measures this
    /// level, and is asked only where it matters.
    pub(crate) fn windows(&self, detail: impl FnOnce() -> Detail) -> Vec<Window> {
        let Some(level) = self.level() else {
            return Vec::new();
        };
        let (Search::Adaptive, Some(coarser)) = (self.parameters.search(), self.seen.last()) else {
            return level.windows.clone();
        };
        let scale = self.scale_of_the_last();
        let sure: Vec<&Sighting> = coarser.iter().filter(|seen| is_sure(seen, scale)).collect();
        let asks = |seen: &&Sighting| asks(seen, scale) && !is_part(seen, &sure);
        let traces: Vec<Rect> = coarser.iter().filter(asks).map(rect).collect();
        let finest = self.seen.len() + 1 == self.plan.levels.len();
        let structure = if finest { Detail::default() } else { detail() };
        let needed = |window: &&Window| {
            let frame = level.frame(window);
            traces.iter().any(|trace| frame.contains(trace))
                || structure
                    .within(window, STRUCTURE)
                    .any(|cell| !is_covered(&cell.placed(level.scale(), (0.0, 0.0)), &sure))
        };
        level.windows.iter().filter(needed).copied().collect()
    }

    /// Pixels of the photo in a pixel of the level that was looked at last.
    fn scale_of_the_last(&self) -> f32 {
        let index = self.plan.levels.len().checked_sub(self.seen.len());
        let level = index.and_then(|index| self.plan.levels.get(index));
        level.map_or(1.0, Level::scale)
    }

    /// Takes in what was seen in so many windows of the level that came next.
    pub(crate) fn saw(&mut self, windows: usize, sightings: Vec<Sighting>) {
        self.window_count += windows;
        self.seen.push(sightings);
    }

    /// What was seen so far, without what is too faint for the caller.
    pub(crate) fn finish(self) -> Looked {
        let least = self.parameters.min_confidence();
        let mut levels = self.seen;
        levels.resize(self.plan.levels.len(), Vec::new());
        levels.reverse();
        for level in &mut levels {
            level.retain(|seen| seen.detection.confidence >= least);
        }
        Looked {
            levels,
            window_count: self.window_count,
        }
    }
}

/// Whether it is small and not too faint. `scale` is that of the level that shows it.
fn asks(seen: &Sighting, scale: f32) -> bool {
    let confidence = seen.detection.confidence;
    let small = if confidence < SURE {
        UNSURE_SMALL
    } else {
        SMALL
    };
    confidence >= FAINT && seen.detection.rect.longer() < small * scale
}

/// Whether it is a plant that no closer look will change.
fn is_sure(seen: &Sighting, scale: f32) -> bool {
    let Sighting { detection, cut } = seen;
    detection.confidence >= SURE && detection.rect.longer() >= SMALL * scale && !cut
}

fn is_part(seen: &Sighting, sure: &[&Sighting]) -> bool {
    let rect = &seen.detection.rect;
    let within = |whole: &&Sighting| rect.shared(&whole.detection.rect) >= PART * rect.area();
    sure.iter().any(within)
}

/// Whether the middle of a cell lies in a plant that one is sure of.
fn is_covered(cell: &Rect, sure: &[&Sighting]) -> bool {
    let (x, y) = (
        f32::midpoint(cell.x_min, cell.x_max),
        f32::midpoint(cell.y_min, cell.y_max),
    );
    sure.iter().any(|seen| {
        let rect = &seen.detection.rect;
        (rect.x_min..=rect.x_max).contains(&x) && (rect.y_min..=rect.y_max).contains(&y)
    })
}

fn rect(seen: &Sighting) -> Rect {
    seen.detection.rect
}

// === impl Level ===

impl Level {
    /// Pixels of the photo in a pixel of the level.
    fn scale(&self) -> f32 {
        pixels(1 << self.halvings.min(31))
    }

    /// A window in pixels of the photo, with the border that rounding takes.
    fn frame(&self, window: &Window) -> Rect {
        let Window { x, y, size } = *window;
        let border = 1.0;
        let frame = Rect {
            x_min: pixels(x) - border,
            y_min: pixels(y) - border,
            x_max: pixels(x + size.width) + border,
            y_max: pixels(y + size.height) + border,
        };
        frame.placed(self.scale(), (0.0, 0.0))
    }
}

#[cfg(test)]
mod tests;
