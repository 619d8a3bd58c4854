//! Pictures in and detections out, with everything in between on the device: see
//! `kernels/detection.cu`. What comes back is what was found.

use candle_core::{DType, Device, Tensor};

use super::Executor;
use super::launch::{Grid, Launch, Output, Value, named};
use crate::detection::{Detection, MOST_CANDIDATES, Options};
use crate::letterbox::{Fitted, Placement, index};
use crate::mask::Mask;
use crate::suppression::Candidate;
use crate::{Prediction, Result};

/// Numbers of a row of what was found, before the mask coefficients.
const ROW: usize = 7;

impl Executor {
    /// As [`crate::Model::detect`], for pictures whose inputs have one shape.
    pub(super) fn find(
        &self,
        pictures: &[Fitted],
        options: &Options,
    ) -> Result<Vec<Vec<Detection>>> {
        let input = fit(pictures, &self.device, self.dtype)?;
        let Prediction { boxes, prototypes } = self.pass(input)?;
        let rows = suppress(&boxes, self.answers.classes, options)?;
        let mut found = read(&rows, pictures)?;
        if let Some(prototypes) = prototypes {
            draw(&mut found, &rows, &prototypes.contiguous()?, pictures)?;
        }
        Ok(found)
    }
}

/// The input `[B, 3, H, W]`, 0 to 1. Pictures travel as they are, all together.
pub(super) fn fit(pictures: &[Fitted], device: &Device, dtype: DType) -> Result<Tensor> {
    let mut pixels = Vec::with_capacity(pictures.iter().map(|of| of.picture.len()).sum());
    // `Placed` of the kernel.
    let mut placed = Vec::with_capacity(7 * pictures.len());
    for Fitted {
        picture, placement, ..
    } in pictures
    {
        let start = u32::try_from(pixels.len() / 3).map_err(candle_core::Error::wrap)?;
        let (width, height) = picture.dimensions();
        let (inner_width, inner_height) = placement.inner;
        placed.extend([start, width, height, inner_width, inner_height]);
        placed.extend([placement.left, placement.top]);
        pixels.extend_from_slice(picture);
    }
    let Placement { width, height, .. } = pictures[0].placement;
    let [width, height] = [width, height].map(index);
    let launch = Launch {
        kernel: named("fit", dtype)?,
        values: &[height, width].map(Value::Whole),
        inputs: &[&upload(pixels, device)?, &upload(placed, device)?],
        grid: Grid::Cells {
            planes: 3 * pictures.len(),
            cells: height * width,
        },
        output: Output::filled((pictures.len(), 3, height, width), dtype),
    };
    launch.run()
}

/// The boxes that stay, `[B, most, 7 (+ 32)]`: corners, confidence, class, the anchor
/// counted from 1, mask coefficients. Rows of zeros follow.
pub(super) fn suppress(boxes: &Tensor, classes: usize, options: &Options) -> Result<Tensor> {
    let boxes = boxes.contiguous()?;
    let chosen = choose(&boxes, classes, options.min_confidence)?;
    let ranked = rank(&chosen)?;
    let (batch, channels, anchors) = boxes.dims3()?;
    let most = options.max_detections.min(anchors);
    let launch = Launch {
        kernel: "suppress".to_owned(),
        values: &[
            Value::Whole(channels),
            Value::Whole(classes),
            Value::Whole(anchors),
            Value::Whole(most),
            Value::Single(options.iou),
        ],
        inputs: &[&boxes, &chosen, &ranked],
        grid: Grid::Together {
            groups: batch,
            words: anchors.div_ceil(32),
        },
        output: Output::zeros((batch, most, ROW + channels - 4 - classes), DType::F32),
    };
    launch.run()
}

/// The confidence and the class of every anchor, `[B, 2, anchors]`; a confidence of -1
/// where it is below `least`.
fn choose(boxes: &Tensor, classes: usize, least: f32) -> Result<Tensor> {
    let (batch, channels, anchors) = boxes.dims3()?;
    let launch = Launch {
        kernel: "choose".to_owned(),
        values: &[
            Value::Whole(channels),
            Value::Whole(classes),
            Value::Whole(anchors),
            Value::Single(least),
        ],
        inputs: &[boxes],
        grid: Grid::Cells {
            planes: batch,
            cells: anchors,
        },
        output: Output::filled((batch, 2, anchors), DType::F32),
    };
    launch.run()
}

/// The anchors counted from 1, most confident first, `[B, anchors]`; then zeros.
fn rank(chosen: &Tensor) -> Result<Tensor> {
    let (batch, _, anchors) = chosen.dims3()?;
    let launch = Launch {
        kernel: "rank".to_owned(),
        values: &[anchors, MOST_CANDIDATES].map(Value::Whole),
        inputs: &[chosen],
        grid: Grid::Cells {
            planes: batch,
            cells: anchors,
        },
        output: Output::zeros((batch, anchors), DType::U32),
    };
    launch.run()
}

/// The boxes in pixels of their pictures, without masks.
fn read(rows: &Tensor, pictures: &[Fitted]) -> Result<Vec<Vec<Detection>>> {
    let (_, most, width) = rows.dims3()?;
    let values = rows.flatten_all()?.to_vec1::<f32>()?;
    let mut found = Vec::with_capacity(pictures.len());
    for (nth, fitted) in pictures.iter().enumerate() {
        let rows = values[nth * most * width..][..most * width].chunks_exact(width);
        let candidates = rows.map_while(candidate);
        let size = fitted.picture.dimensions();
        let placed = candidates.map(|candidate| Detection::of(&candidate, fitted.placement, size));
        found.push(placed.collect());
    }
    Ok(found)
}

/// A row as a candidate; none where the rows have ended.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole numbers that single precision holds"
)]
pub(super) fn candidate(row: &[f32]) -> Option<Candidate> {
    let [left, top, right, bottom, confidence, class, anchor, ..] = *row else {
        return None;
    };
    Some(Candidate {
        corners: [left, top, right, bottom],
        confidence,
        class: class as usize,
        anchor: (anchor as usize).checked_sub(1)?,
    })
}

/// Gives every detection its mask.
fn draw(
    found: &mut [Vec<Detection>],
    rows: &Tensor,
    prototypes: &Tensor,
    pictures: &[Fitted],
) -> Result<()> {
    let mut drawn = Vec::new();
    // All are queued before the first is waited for.
    for (nth, (found, fitted)) in found.iter().zip(pictures).enumerate() {
        let frames: Vec<Mask> = found
            .iter()
            .map(|found| Mask::frame(found.corners()))
            .collect();
        let rows = rows.get(nth)?.narrow(0, 0, found.len())?;
        let pixels = outline(&frames, &rows, &prototypes.get(nth)?, fitted.placement)?;
        drawn.push((frames, pixels));
    }
    for (found, (frames, pixels)) in found.iter_mut().zip(drawn) {
        let pixels = pixels.map(|pixels| pixels.to_vec1::<u8>()).transpose()?;
        let pixels = pixels.unwrap_or_default();
        let mut rest = &pixels[..];
        for (found, mut mask) in found.iter_mut().zip(frames) {
            let inside;
            (inside, rest) = rest.split_at(mask.pixels());
            mask.inside = inside.iter().map(|pixel| *pixel > 0).collect();
            found.mask = Some(mask);
        }
    }
    Ok(())
}

/// The pixels of masks, one after another, a byte each; none where there are no pixels.
pub(super) fn outline(
    frames: &[Mask],
    rows: &Tensor,
    prototypes: &Tensor,
    placement: Placement,
) -> Result<Option<Tensor>> {
    let whole = |number: usize| u32::try_from(number).map_err(candle_core::Error::wrap);
    // `Outline` of the kernel.
    let mut outlines = Vec::with_capacity(5 * frames.len());
    let mut pixels = 0;
    for mask in frames {
        outlines.extend([mask.left, mask.top, mask.width, mask.height, whole(pixels)?]);
        pixels += mask.pixels();
    }
    let Some(largest) = frames.iter().map(Mask::pixels).max().filter(|_| pixels > 0) else {
        return Ok(None);
    };
    let (depth, height, width) = prototypes.dims3()?;
    let [height, width, depth] = [height, width, depth].map(Value::Whole);
    let (across, down) = placement.scale;
    let (left, top) = placement.to_input((0.0, 0.0));
    let [across, down, left, top] = [across, down, left, top].map(Value::Single);
    let launch = Launch {
        kernel: "outline".to_owned(),
        values: &[height, width, depth, across, down, left, top],
        inputs: &[prototypes, rows, &upload(outlines, rows.device())?],
        grid: Grid::Cells {
            planes: frames.len(),
            cells: largest,
        },
        output: Output::filled(pixels, DType::U8),
    };
    Ok(Some(launch.run()?))
}

fn upload<T: candle_core::WithDType>(numbers: Vec<T>, device: &Device) -> Result<Tensor> {
    let length = numbers.len();
    Ok(Tensor::from_vec(numbers, length, device)?)
}
