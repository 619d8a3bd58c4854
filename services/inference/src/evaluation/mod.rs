//! How well pictures are counted, measured against what they show.
//!
//! A [`Tally`] takes one picture after the other, each with what was found in it
//! and with its [`Truth`], and gives [`Figures`] over all of them: a source of
//! pictures is judged as a whole, never by its best ones. Pure: reads no file.

mod bands;
mod figures;
mod matching;
mod tally;
mod truth;

pub use figures::{Agreement, Band, CountError, Figures, Intervals, PictureBand, WithoutPlants};
pub use tally::Tally;
pub use truth::{Malformed, Marks, Truth};
