//! Fits a calibration to photos whose plants are known.
//!
//! Photos are in folds. The residual of a photo comes from a fit that has seen no photo
//! of its fold: on its own photos a fit is too good.

use std::collections::BTreeSet;

use super::Estimate;
use super::calibration::{Calibration, Search};
use super::interval::{Outcome, Quantiles, Spread, Tails, whole};
use super::matching::Example;
use super::point::Point;
use super::shape::{Expectation, Shape};
use crate::domain::Detection;

/// A scale is believed half when so many photos ask for it.
const HALF_BELIEVED: f64 = 10.0;
/// Beyond these a scale is no correction of a model any more.
pub(super) const SCALES: std::ops::RangeInclusive<f64> = 0.2..=5.0;
/// From so many photos on, both ends of an interval can be told from them.
const ENOUGH: usize = 39;

/// A photo in which it is known where plants stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Photo {
    /// Its candidates and its plants.
    pub(crate) example: Example,
    /// Boxes that are shown.
    pub(crate) boxes: usize,
    /// Photos of one fold are alike: none is judged by a fit that saw another.
    pub(crate) fold: usize,
}

/// A photo of which only the number of plants is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    /// Everything that may be a plant.
    pub(crate) candidates: Vec<Detection>,
    /// Plants.
    pub(crate) plants: usize,
}

/// What a fit that had not seen a photo expects of it.
struct Judged {
    fold: usize,
    expectation: Expectation,
    plants: f64,
}

/// Fits everything: chances, factors, which number is told, spread and interval.
pub(crate) fn fit(search: Search, photos: &[&Photo]) -> Calibration {
    let judged = judged(search, photos);
    let (point, spread, tails) = measure(judged.iter());
    Calibration {
        search,
        shape: shape(photos.iter().copied()),
        point,
        scale: 1.0,
        spread,
        quantiles: Quantiles::of(residuals(&judged), tails),
        photos: photos.len(),
        plants: photos.iter().map(|photo| photo.example.plants()).sum(),
    }
}

/// What is said of each photo by a calibration fitted to the other folds, in the
/// photos' order. Nothing of photos that are all in one fold.
pub(crate) fn check(search: Search, photos: &[&Photo]) -> Vec<Option<Estimate>> {
    let mut said = vec![None; photos.len()];
    for fold in folds(photos) {
        let others: Vec<&Photo> = without(photos, fold).collect();
        if others.is_empty() {
            continue;
        }
        let calibration = fit(search, &others);
        let judged = said.iter_mut().zip(photos);
        for (said, photo) in judged.filter(|(_, photo)| photo.fold == fold) {
            *said = Some(calibration.estimate(&photo.example.candidates, photo.boxes));
        }
    }
    said
}

/// Moves a calibration's scale towards these photos, and its interval with them.
///
/// Few photos move it a little, and can only widen the interval. From 39 on the
/// interval is theirs alone.
pub(crate) fn refit(calibration: &Calibration, photos: &[Counted]) -> Calibration {
    let raw: Vec<Outcome> = photos
        .iter()
        .map(|photo| Outcome {
            told: calibration.unscaled(&photo.candidates),
            plants: whole(photo.plants),
        })
        .collect();
    // As it would have been without the photo that is judged.
    let outcomes = raw.iter().enumerate().map(|(index, outcome)| {
        let others = raw.iter().enumerate().filter(|(other, _)| *other != index);
        let scale = moved(calibration.scale, others.map(|(_, outcome)| outcome));
        outcome.scaled(scale)
    });
    let outcomes: Vec<Outcome> = outcomes.collect();
    let enough = outcomes.len() >= ENOUGH;
    let (spread, tails) = if enough {
        Spread::fit(&outcomes)
    } else {
        (calibration.spread, Tails::EVEN)
    };
    let residuals: Vec<f64> = outcomes
        .iter()
        .map(|outcome| spread.residual(outcome))
        .collect();
    let quantiles = match calibration.quantiles {
        Some(quantiles) if !enough => Some(quantiles.widened(&residuals)),
        _ => Quantiles::of(residuals, tails),
    };
    Calibration {
        scale: moved(calibration.scale, raw.iter()),
        spread,
        quantiles,
        photos: photos.len(),
        plants: photos.iter().map(|photo| photo.plants).sum(),
        ..calibration.clone()
    }
}

/// The scale at which as many plants are expected as there are, as far as the number
/// of photos is to be believed. None of either says nothing of it.
fn moved<'a>(scale: f64, outcomes: impl Iterator<Item = &'a Outcome>) -> f64 {
    let (mut photos, mut expected, mut plants) = (0.0, 0.0, 0.0);
    for outcome in outcomes {
        photos += 1.0;
        expected += outcome.told.plants * scale;
        plants += outcome.plants;
    }
    if expected <= 0.0 || plants <= 0.0 {
        return scale;
    }
    let belief = photos / (photos + HALF_BELIEVED);
    let moved = scale * (plants / expected).powf(belief);
    moved.clamp(*SCALES.start(), *SCALES.end())
}

/// Fold by fold.
fn judged(search: Search, photos: &[&Photo]) -> Vec<Judged> {
    let mut all = Vec::with_capacity(photos.len());
    for fold in folds(photos) {
        if without(photos, fold).next().is_none() {
            continue;
        }
        let shape = shape(without(photos, fold));
        let judged = photos.iter().filter(|photo| photo.fold == fold);
        all.extend(judged.map(|photo| Judged {
            fold,
            expectation: shape.expect(&photo.example.candidates, search.sure),
            plants: whole(photo.example.plants()),
        }));
    }
    all
}

/// Which number is told, and how its residuals are measured.
fn measure<'a>(judged: impl Iterator<Item = &'a Judged> + Clone) -> (Point, Spread, Tails) {
    let pairs = judged.clone();
    let point = Point::fit(pairs.map(|judged| (&judged.expectation, judged.plants)));
    let outcomes: Vec<Outcome> = judged.map(|judged| judged.told(point)).collect();
    let (spread, tails) = Spread::fit(&outcomes);
    (point, spread, tails)
}

/// By measures that have not seen the fold either.
fn residuals(judged: &[Judged]) -> Vec<f64> {
    let mut residuals = Vec::with_capacity(judged.len());
    for fold in judged.chunk_by(|a, b| a.fold == b.fold) {
        let others = judged.iter().filter(|judged| judged.fold != fold[0].fold);
        let (point, spread, _) = measure(others);
        residuals.extend(
            fold.iter()
                .map(|judged| spread.residual(&judged.told(point))),
        );
    }
    residuals
}

fn folds(photos: &[&Photo]) -> BTreeSet<usize> {
    photos.iter().map(|photo| photo.fold).collect()
}

fn without<'a>(photos: &[&'a Photo], fold: usize) -> impl Iterator<Item = &'a Photo> + Clone {
    photos
        .iter()
        .copied()
        .filter(move |photo| photo.fold != fold)
}

fn shape<'a>(photos: impl Iterator<Item = &'a Photo> + Clone) -> Shape {
    Shape::fit(photos.map(|photo| &photo.example))
}

// === impl Judged ===

impl Judged {
    fn told(&self, point: Point) -> Outcome {
        Outcome {
            told: point.of(&self.expectation),
            plants: self.plants,
        }
    }
}

// === impl Outcome ===

impl Outcome {
    fn scaled(&self, scale: f64) -> Self {
        Self {
            told: self.told.scaled(scale),
            plants: self.plants,
        }
    }
}
