//! Pictures in and detections out.

use rayon::prelude::*;

use super::{Executor, Pictures};
use crate::Result;
use crate::detection::{Detection, Options, Rows};
use crate::letterbox::{Fitted, index};
use crate::mask::Prototypes;
use crate::suppression::Candidate;

/// What the network answers for one picture.
#[derive(Clone, Copy)]
pub(super) struct Answered<'a> {
    /// For every anchor a box, class scores and mask coefficients.
    pub(super) boxes: &'a [f32],
    /// Prototypes, pixel by pixel; empty for detect networks.
    pub(super) maps: &'a [f32],
}

impl Executor {
    /// As [`crate::Model::detect`], for pictures whose inputs have one shape.
    pub(super) fn find(
        &self,
        pictures: &[Fitted],
        options: &Options,
    ) -> Result<Vec<Vec<Detection>>> {
        let placement = pictures[0].placement;
        let length = placement.length();
        let mut inputs = vec![0u8; pictures.len() * length];
        let fitting = inputs.par_chunks_exact_mut(length).zip(pictures);
        fitting.try_for_each(|(input, of)| of.placement.pixels(of.picture, input))?;
        let size = (index(placement.height), index(placement.width));
        let inputs = Pictures::of_bytes(&inputs, size);
        let mut found = Vec::with_capacity(pictures.len());
        self.each(&inputs, |nth, answered| {
            found.push(self.read(answered, &pictures[nth], options));
        })?;
        Ok(found)
    }

    fn read(&self, answered: Answered, of: &Fitted, options: &Options) -> Vec<Detection> {
        let (placement, size) = (of.placement, of.picture.dimensions());
        let Some(answers) = &self.answers else {
            return Vec::new();
        };
        let rows = Rows::new(answered.boxes, answers.rows(), answers.classes);
        let survivors = rows.survivors(options);
        let placed = |candidate: &Candidate| Detection::of(candidate, placement, size);
        let mut found: Vec<Detection> = survivors.iter().map(placed).collect();
        if !answered.maps.is_empty() {
            let sides = [placement.height, placement.width].map(|side| index(side) / 4);
            let prototypes = Prototypes::new(answered.maps, (sides[0], sides[1]));
            found
                .par_iter_mut()
                .zip(&survivors)
                .for_each(|(found, of)| {
                    found.mask =
                        Some(prototypes.mask(found.corners(), rows.coefficients(of), placement));
                });
        }
        found
    }
}
