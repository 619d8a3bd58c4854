//! Judges pictures one by one, and sums up.

use super::bands::{Crowding, SizeBand};
use super::figures::{Agreement, Band, CountError, Figures, Intervals, PictureBand, WithoutPlants};
use super::matching::{Criterion, hits, is_ignored};
use super::truth::{Marks, Truth};
use crate::detect::Report;
use crate::domain::{Estimate, Rect};

/// The pictures of a set that were judged so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pictures: Vec<Picture>,
}

/// What came of one picture.
#[derive(Clone, Debug)]
struct Picture {
    plants: usize,
    boxes: usize,
    windows: usize,
    /// What a calibrated model expects.
    estimate: Option<Estimate>,
    judged: Option<Judged>,
}

/// Every plant and every box of a picture whose plants are marked.
#[derive(Clone, Debug)]
struct Judged {
    plants: Vec<Thing>,
    boxes: Vec<Thing>,
}

/// A plant that may be hit, or a box that may hit one.
#[derive(Clone, Copy, Debug)]
struct Thing {
    longer_side: f32,
    crowding: Crowding,
    by_iou: bool,
    by_centre: bool,
}

// === impl Tally ===

impl Tally {
    /// Takes in what was found in a picture. Where `labels` are given, nothing else
    /// is a plant.
    pub fn add(&mut self, report: &Report, truth: &Truth, labels: Option<&[&str]>) {
        let named = |label: &str| labels.is_none_or(|labels| labels.contains(&label));
        let plants = report.detections.iter().filter(|found| named(&found.label));
        let found: Vec<Rect> = plants.map(|found| found.rect).collect();
        let judged = match truth {
            Truth::Count(_) => None,
            Truth::Marked(marks) => Some(Judged::of(found.as_slice(), marks)),
        };
        self.pictures.push(Picture {
            plants: truth.count(),
            boxes: judged
                .as_ref()
                .map_or(found.len(), |judged| judged.boxes.len()),
            windows: report.tile_count,
            estimate: Some(report.estimate)
                .filter(|estimate| labels.is_none() && estimate.range.is_some()),
            judged,
        });
    }

    /// What is said of all pictures together.
    pub fn figures(&self) -> Figures {
        let judged: Vec<&Judged> = self.judged().collect();
        let agreement = |by| (!judged.is_empty()).then(|| agreement(&judged, by, |_| true));
        let sum = |of: fn(&Picture) -> usize| self.pictures.iter().map(of).sum();
        Figures {
            pictures: self.pictures.len(),
            plants: sum(|picture| picture.plants),
            boxes: sum(|picture| picture.boxes),
            windows: sum(|picture| picture.windows),
            count_error: count_error(self.pictures.iter()),
            expected_error: self.expected_error(),
            intervals: self.intervals(),
            by_iou: agreement(Criterion::Iou),
            by_centre: agreement(Criterion::Centre),
            by_size: by_size(&judged),
            by_crowding: by_crowding(&judged),
            pictures_by_crowding: self.pictures_by_crowding(),
            without_plants: self.without_plants(),
        }
    }

    fn expected_error(&self) -> Option<CountError> {
        let expected = |picture: &Picture| Some((picture.plants, picture.estimate?.plants));
        let pictures = self.pictures.iter().filter_map(expected);
        pictures.clone().next()?;
        Some(CountError::of(pictures))
    }

    fn intervals(&self) -> Option<Intervals> {
        let held = self.pictures.iter().filter_map(|picture| {
            let range = picture.estimate?.range?;
            Some((picture.plants, range.low, range.high))
        });
        Intervals::of(&held.collect::<Vec<_>>())
    }

    fn judged(&self) -> impl Iterator<Item = &Judged> {
        self.pictures
            .iter()
            .filter_map(|picture| picture.judged.as_ref())
    }

    fn pictures_by_crowding(&self) -> Vec<PictureBand> {
        let band = |crowding: Crowding| {
            let pictures = self.pictures.iter();
            let alike = pictures.filter(move |picture| picture.crowding() == Some(crowding));
            PictureBand {
                name: crowding.name(),
                pictures: alike.clone().count(),
                plants: alike.clone().map(|picture| picture.plants).sum(),
                count_error: count_error(alike),
            }
        };
        let bands = Crowding::ALL.into_iter().map(band);
        bands.filter(|band| band.pictures > 0).collect()
    }

    fn without_plants(&self) -> WithoutPlants {
        let empty = self.pictures.iter().filter(|picture| picture.plants == 0);
        WithoutPlants {
            pictures: empty.clone().count(),
            false_boxes: empty.map(|picture| picture.boxes).sum(),
        }
    }
}

fn count_error<'a>(pictures: impl Iterator<Item = &'a Picture> + Clone) -> CountError {
    CountError::of(pictures.map(|picture| (picture.plants, picture.boxes)))
}

fn by_size(judged: &[&Judged]) -> Vec<Band> {
    let bands = SizeBand::ALL.into_iter().map(|size| {
        let within = |thing: &Thing| size.contains(thing.longer_side);
        band(judged, size.name, within)
    });
    bands.filter(Band::holds_something).collect()
}

fn by_crowding(judged: &[&Judged]) -> Vec<Band> {
    let bands = Crowding::ALL.into_iter().map(|crowding| {
        let within = |thing: &Thing| thing.crowding == crowding;
        band(judged, crowding.name(), within)
    });
    bands.filter(Band::holds_something).collect()
}

fn band(judged: &[&Judged], name: &'static str, within: impl Fn(&Thing) -> bool) -> Band {
    Band {
        name,
        by_iou: agreement(judged, Criterion::Iou, &within),
        by_centre: agreement(judged, Criterion::Centre, &within),
    }
}

fn agreement(judged: &[&Judged], by: Criterion, within: impl Fn(&Thing) -> bool) -> Agreement {
    let plants = judged.iter().flat_map(|picture| &picture.plants);
    let plants = plants.filter(|plant| within(plant));
    let (hit, missed): (Vec<&Thing>, Vec<&Thing>) = plants.partition(|plant| plant.hit(by));
    let boxes = judged.iter().flat_map(|picture| &picture.boxes);
    let false_boxes = boxes.filter(|found| within(found) && !found.hit(by));
    Agreement::new(hit.len(), missed.len(), false_boxes.count())
}

// === impl Band ===

impl Band {
    fn holds_something(&self) -> bool {
        let Agreement {
            hit,
            missed,
            false_boxes,
            ..
        } = self.by_centre;
        hit + missed + false_boxes > 0
    }
}

// === impl Picture ===

impl Picture {
    /// How close most of its plants stand; `None` without marked plants.
    fn crowding(&self) -> Option<Crowding> {
        let plants = &self.judged.as_ref()?.plants;
        let mut crowding: Vec<Crowding> = plants.iter().map(|plant| plant.crowding).collect();
        crowding.sort_unstable();
        crowding.get(crowding.len() / 2).copied()
    }
}

// === impl Judged ===

impl Judged {
    /// Boxes come most confident first.
    fn of(found: &[Rect], marks: &Marks) -> Self {
        let Marks { plants, ignored } = marks;
        let counts = |found: &&Rect| !is_ignored(found, plants, ignored);
        let boxes: Vec<Rect> = found.iter().filter(counts).copied().collect();
        let by_iou = hits(&boxes, plants, Criterion::Iou);
        let by_centre = hits(&boxes, plants, Criterion::Centre);
        let plant = |(index, rect): (usize, &Rect)| {
            let others = plants
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index);
            let others = others.map(|(_, other)| other).chain(ignored);
            Thing {
                longer_side: rect.longer(),
                crowding: Crowding::of(rect, others),
                by_iou: by_iou.contains(&Some(index)),
                by_centre: by_centre.contains(&Some(index)),
            }
        };
        let found = |(index, rect): (usize, &Rect)| Thing {
            longer_side: rect.longer(),
            crowding: Crowding::of(rect, plants.iter()),
            by_iou: by_iou[index].is_some(),
            by_centre: by_centre[index].is_some(),
        };
        Self {
            plants: plants.iter().enumerate().map(plant).collect(),
            boxes: boxes.iter().enumerate().map(found).collect(),
        }
    }
}

// === impl Thing ===

impl Thing {
    fn hit(self, by: Criterion) -> bool {
        match by {
            Criterion::Iou => self.by_iou,
            Criterion::Centre => self.by_centre,
        }
    }
}

#[cfg(test)]
mod tests;
