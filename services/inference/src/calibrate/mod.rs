//! Fits a model's calibration to photos whose plants are known: for the command line.
//!
//! Photos are searched exactly as the service searches them; `docs/counting.md` tells
//! the method.

mod report;

use demeter_yolo::Model;
use image::RgbImage;

use crate::detect::DetectError;
use crate::domain::estimate::{Counted, Photo, Search, check, fit, matched, refit};
use crate::domain::{Calibration, Detection, Parameters, Plan, Size};
use crate::engine::{Loaded, decode, search};
use crate::evaluation::Marks;

use report::Judged;
pub use report::{Row, Table};

/// Photos of a set are held out in so many runs.
const RUNS: usize = 10;

/// What is held out together, so that no photo is judged by a fit that saw its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Neighbours within their set: frames of a sequence follow one another.
    Runs,
    /// Whole sets: tells what to expect of photos of another kind.
    Sets,
}

/// An upright photo.
#[derive(Debug)]
pub struct Picture(RgbImage);

/// Collects photos in which every plant is marked.
#[derive(Debug)]
pub struct Marked<'a> {
    model: &'a Model,
    parameters: Parameters,
    /// With the set that each belongs to.
    photos: Vec<(usize, Photo)>,
}

/// Collects photos of which only the number of plants is known.
#[derive(Debug)]
pub struct Numbered<'a> {
    model: &'a Model,
    parameters: Parameters,
    calibration: Calibration,
    photos: Vec<Counted>,
}

/// A calibration and what it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// For [`demeter_yolo::with_calibration`].
    pub text: String,
    /// Whether it gives an interval: too few photos give none.
    pub has_interval: bool,
    /// Held out one way or another. Of numbers alone: on the photos themselves.
    pub tables: Vec<(Option<Apart>, Table)>,
}

// === impl Picture ===

impl Picture {
    /// Decodes a JPEG, PNG or WebP picture within the service's limits.
    pub fn decode(image: &[u8]) -> Result<Self, DetectError> {
        let unreadable = |error: crate::engine::UnreadablePicture| error.to_string();
        let picture = decode(image).map_err(|error| DetectError::Unreadable(unreadable(error)))?;
        Ok(Self(picture))
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.0.dimensions()
    }
}

// === impl Marked ===

impl<'a> Marked<'a> {
    /// For a model whose photos are searched so.
    pub fn new(loaded: &'a Loaded, parameters: Parameters) -> Self {
        Self {
            model: &loaded.model,
            parameters,
            photos: Vec::new(),
        }
    }

    /// Searches a photo of a set; photos of a sequence come one after the other. Blocks.
    pub fn add(&mut self, set: usize, picture: &Picture, marks: &Marks) -> Result<(), DetectError> {
        let search = Search::of(&self.parameters);
        let candidates = candidates(self.model, picture, &self.parameters, &search)?;
        let example = matched(candidates, &marks.plants, &marks.ignored);
        let boxes = search.boxes(&example.candidates);
        let photo = Photo {
            example,
            boxes,
            fold: 0,
        };
        self.photos.push((set, photo));
        Ok(())
    }

    /// Fits to all photos, and says how good such a fit is on photos that were held
    /// out. The interval is that of photos held apart like this.
    pub fn fit(mut self, apart: Apart) -> Fitted {
        let search = Search::of(&self.parameters);
        let calibration = fit(search, &self.folded(apart));
        let mut tables = vec![(Some(apart), self.table(search, apart))];
        if apart == Apart::Runs && self.photos.iter().any(|(set, _)| *set != self.photos[0].0) {
            tables.push((Some(Apart::Sets), self.table(search, Apart::Sets)));
        }
        Fitted {
            text: calibration.to_text(),
            has_interval: calibration.has_interval(),
            tables,
        }
    }

    fn table(&mut self, search: Search, apart: Apart) -> Table {
        let said = check(search, &self.folded(apart));
        let judged = self.photos.iter().zip(said);
        let judged = judged.filter_map(|((set, photo), said)| {
            Some(Judged {
                set: *set,
                plants: photo.example.plants(),
                said: said?,
            })
        });
        Table::of(judged)
    }

    fn folded(&mut self, apart: Apart) -> Vec<&Photo> {
        let sets: Vec<usize> = self.photos.iter().map(|(set, _)| *set).collect();
        for ((_, photo), fold) in self.photos.iter_mut().zip(folds(&sets, apart)) {
            photo.fold = fold;
        }
        self.photos.iter().map(|(_, photo)| photo).collect()
    }
}

/// A fold for each photo, by the set that each belongs to.
fn folds(sets: &[usize], apart: Apart) -> Vec<usize> {
    let mut met = vec![0; sets.iter().max().map_or(0, |last| last + 1)];
    let mut folds = Vec::with_capacity(sets.len());
    for set in sets {
        folds.push(match apart {
            Apart::Sets => *set,
            Apart::Runs => met[*set],
        });
        met[*set] += 1;
    }
    if apart == Apart::Runs {
        for (fold, set) in folds.iter_mut().zip(sets) {
            *fold = *fold * RUNS / met[*set];
        }
    }
    folds
}

// === impl Numbered ===

impl<'a> Numbered<'a> {
    /// Starts from the model's own calibration, or from none.
    pub fn new(loaded: &'a Loaded, parameters: Parameters) -> Self {
        let own = loaded.calibration.clone();
        let own = own.filter(|own| own.holds_for(&parameters));
        Self {
            model: &loaded.model,
            parameters,
            calibration: own.unwrap_or_else(|| Calibration::neutral(&parameters)),
            photos: Vec::new(),
        }
    }

    /// Searches a photo that shows so many plants. Blocks.
    pub fn add(&mut self, picture: &Picture, plants: usize) -> Result<(), DetectError> {
        let search = self.calibration.search();
        let candidates = candidates(self.model, picture, &self.parameters, &search)?;
        self.photos.push(Counted { candidates, plants });
        Ok(())
    }

    /// Moves the number of plants and the interval; what a box is worth beside another
    /// stays as it was.
    pub fn fit(self) -> Fitted {
        let calibration = refit(&self.calibration, &self.photos);
        let search = self.calibration.search();
        let table = |calibration: &Calibration| {
            let judged = self.photos.iter().map(|photo| Judged {
                set: 0,
                plants: photo.plants,
                said: calibration.estimate(&photo.candidates, search.boxes(&photo.candidates)),
            });
            Table::of(judged)
        };
        Fitted {
            text: calibration.to_text(),
            has_interval: calibration.has_interval(),
            tables: vec![
                (None, table(&self.calibration)),
                (None, table(&calibration)),
            ],
        }
    }
}

fn candidates(
    model: &Model,
    picture: &Picture,
    parameters: &Parameters,
    calibrated: &Search,
) -> Result<Vec<Detection>, DetectError> {
    let (width, height) = picture.size();
    let parameters = calibrated.looking(*parameters);
    let plan = Plan::of(Size { width, height }, &parameters);
    let looked = search(model, &picture.0, &plan, &parameters, &|| false)?;
    Ok(calibrated.candidates(&looked.levels))
}

#[cfg(test)]
mod tests {
    use super::{Apart, folds};

    #[test]
    fn neighbours_are_held_out_together() {
        let sets = [[0; 20].as_slice(), &[1; 5], &[3]].concat();

        let runs = folds(&sets, Apart::Runs);
        assert_eq!(
            runs[..20],
            [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]
        );
        assert_eq!(runs[20..], [0, 2, 4, 6, 8, 0]);
        assert_eq!(folds(&sets, Apart::Sets), sets);
        assert!(folds(&[], Apart::Runs).is_empty());
    }
}
