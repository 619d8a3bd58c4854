//! The head: feature maps to boxes, class scores, mask coefficients and prototypes.

use super::blocks::{POINT, SQUARE};
use super::graph::{Builder, Geometry, Slice};
use crate::Result;

/// Pixels of input per cell of each feature map.
pub(crate) const STRIDES: [usize; 3] = [8, 16, 32];
/// Mask coefficients of each box, and prototypes they weigh.
pub(crate) const COEFFICIENTS: usize = 32;
/// Bins of the distribution over the distance to each side of a box.
pub(crate) const BINS: usize = 16;
/// The channels that say where a box is.
pub(crate) const SIDES: usize = 4 * BINS;

/// What the head answers for each feature map, and the prototypes.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    /// Distance distributions, class logits and mask coefficients of every cell.
    pub(crate) levels: [Slice; 3],
    pub(crate) prototypes: Option<Slice>,
    pub(crate) classes: usize,
}

// === impl Answers ===

impl Answers {
    /// Numbers that answer for each cell: a box, class scores, mask coefficients.
    pub(crate) fn rows(&self) -> usize {
        4 + self.classes + self.prototypes.map_or(0, |_| COEFFICIENTS)
    }
}

/// Adds the head; `prototype_channels` only for segment networks.
pub(super) fn head(
    builder: &mut Builder,
    maps: [Slice; 3],
    classes: usize,
    prototype_channels: Option<usize>,
) -> Result<Answers> {
    let finest = maps[0].channels;
    let box_width = (finest / 4).max(SIDES);
    let score_width = finest.max(classes.min(100));
    let mask_width = (finest / 4).max(COEFFICIENTS);
    let coefficients = prototype_channels.map_or(0, |_| COEFFICIENTS);
    let mut levels = maps;
    for (index, map) in maps.into_iter().enumerate() {
        let answer = builder.like(map, SIDES + classes + coefficients);
        let name = |branch: &str| format!("model.23.{branch}.{index}");
        regular(builder, &name("cv2"), box_width, map, answer.part(0, SIDES))?;
        let scores = answer.part(SIDES, classes);
        separable(builder, &name("cv3"), score_width, map, scores)?;
        if prototype_channels.is_some() {
            let masks = answer.part(SIDES + classes, coefficients);
            regular(builder, &name("cv4"), mask_width, map, masks)?;
        }
        levels[index] = answer;
    }
    let mut made = None;
    if let Some(hidden) = prototype_channels {
        made = Some(prototypes(builder, hidden, maps[0])?);
    }
    Ok(Answers {
        levels,
        prototypes: made,
        classes,
    })
}

/// Two 3×3 layers and a pointwise one.
fn regular(builder: &mut Builder, name: &str, width: usize, from: Slice, to: Slice) -> Result<()> {
    let first = builder.like(from, width);
    builder.active(&format!("{name}.0"), SQUARE, from, first)?;
    let second = builder.like(from, width);
    builder.active(&format!("{name}.1"), SQUARE, first, second)?;
    plain(builder, &format!("{name}.2"), second, to)
}

/// Two depthwise-separable layers and a pointwise one.
fn separable(
    builder: &mut Builder,
    name: &str,
    width: usize,
    from: Slice,
    to: Slice,
) -> Result<()> {
    let mut last = from;
    for index in 0..2 {
        let alone = builder.like(from, last.channels);
        let geometry = Geometry::depthwise(last.channels);
        let layer = builder.folded(&format!("{name}.{index}.0"), geometry, true)?;
        builder.convolve(layer, last, alone, None);
        let next = builder.like(from, width);
        builder.active(&format!("{name}.{index}.1"), POINT, alone, next)?;
        last = next;
    }
    plain(builder, &format!("{name}.2"), last, to)
}

fn plain(builder: &mut Builder, name: &str, from: Slice, to: Slice) -> Result<()> {
    let geometry = Geometry::pointwise(from.channels, to.channels);
    let layer = builder.plain(name, geometry)?;
    builder.convolve(layer, from, to, None);
    Ok(())
}

/// The prototypes that masks are sums of, at a quarter of the input's size.
fn prototypes(builder: &mut Builder, hidden: usize, from: Slice) -> Result<Slice> {
    let name = "model.23.proto";
    let coarse = builder.like(from, hidden);
    builder.active(&format!("{name}.cv1"), SQUARE, from, coarse)?;
    let halvings = builder.graph.shape(from.map).halvings - 1;
    let fine = builder.graph.map(hidden, halvings);
    builder.spread(&format!("{name}.upsample"), coarse, fine)?;
    let smooth = builder.like(fine, hidden);
    builder.active(&format!("{name}.cv2"), SQUARE, fine, smooth)?;
    let answer = builder.like(fine, COEFFICIENTS);
    builder.active(&format!("{name}.cv3"), POINT, smooth, answer)?;
    builder.graph.outputs.push(answer.map);
    Ok(answer)
}
