//! The blocks between input and head, named as in the weight files.

use super::graph::{Builder, Geometry, Heads, Layer, Operation, Slice};
use crate::Result;

/// A convolution of every pixel alone, and one that sees its neighbours.
pub(super) const POINT: (usize, usize) = (1, 1);
pub(super) const SQUARE: (usize, usize) = (3, 1);

/// Two convolutions, and the input added to what they give.
fn bottleneck(
    builder: &mut Builder,
    name: &str,
    hidden: usize,
    from: Slice,
    to: Slice,
) -> Result<()> {
    let middle = builder.like(from, hidden);
    builder.active(&format!("{name}.cv1"), SQUARE, from, middle)?;
    let geometry = Geometry::square(hidden, to.channels, 3, 1);
    let second = builder.folded(&format!("{name}.cv2"), geometry, true)?;
    builder.convolve(second, middle, to, Some(from));
    Ok(())
}

/// `C3k`: a deep and a shallow path, joined.
fn deep_block(builder: &mut Builder, name: &str, from: Slice, to: Slice) -> Result<()> {
    let hidden = from.channels / 2;
    let joined = builder.like(from, 2 * hidden);
    let mut deep = builder.like(from, hidden);
    builder.active(&format!("{name}.cv1"), POINT, from, deep)?;
    let between = builder.like(from, hidden);
    for (index, next) in [between, joined.part(0, hidden)].into_iter().enumerate() {
        bottleneck(builder, &format!("{name}.m.{index}"), hidden, deep, next)?;
        deep = next;
    }
    let shallow = joined.part(hidden, hidden);
    builder.active(&format!("{name}.cv2"), POINT, from, shallow)?;
    builder.active(&format!("{name}.cv3"), POINT, joined, to)
}

/// Depth of a [`stage`].
#[derive(Clone, Copy, Debug)]
pub(super) struct StageShape {
    pub(super) hidden: usize,
    pub(super) repeats: usize,
    pub(super) deep: bool,
}

/// `C3k2`: half of the channels go through the inner blocks, every step is kept.
pub(super) fn stage(
    builder: &mut Builder,
    name: &str,
    shape: StageShape,
    from: Slice,
    to: Slice,
) -> Result<()> {
    let StageShape {
        hidden,
        repeats,
        deep,
    } = shape;
    let joined = builder.like(from, (2 + repeats) * hidden);
    let enter = joined.part(0, 2 * hidden);
    builder.active(&format!("{name}.cv1"), POINT, from, enter)?;
    for index in 0..repeats {
        let name = format!("{name}.m.{index}");
        let last = joined.part((1 + index) * hidden, hidden);
        let next = joined.part((2 + index) * hidden, hidden);
        if deep {
            deep_block(builder, &name, last, next)?;
        } else {
            bottleneck(builder, &name, hidden / 2, last, next)?;
        }
    }
    builder.active(&format!("{name}.cv2"), POINT, joined, to)
}

/// `SPPF`: the neighbourhood at four widths.
pub(super) fn pyramid(builder: &mut Builder, name: &str, from: Slice, to: Slice) -> Result<()> {
    let hidden = from.channels / 2;
    let joined = builder.like(from, 4 * hidden);
    builder.active(&format!("{name}.cv1"), POINT, from, joined.part(0, hidden))?;
    for index in 0..3 {
        let narrow = joined.part(index * hidden, hidden);
        let wide = joined.part((index + 1) * hidden, hidden);
        builder.graph.push(Operation::Widest, narrow, wide);
    }
    builder.active(&format!("{name}.cv2"), POINT, joined, to)
}

/// Self-attention between all positions, added to its input in place.
fn attention(builder: &mut Builder, name: &str, slice: Slice) -> Result<()> {
    let channels = slice.channels;
    let count = (channels / 64).max(1);
    let values = channels / count;
    let heads = Heads {
        count,
        keys: values / 2,
        values,
    };
    let packed = builder.like(slice, 2 * channels);
    let geometry = Geometry::pointwise(channels, 2 * channels);
    let mut pack = builder.folded(&format!("{name}.qkv"), geometry, false)?;
    by_role(&mut pack, heads);
    builder.convolve(pack, slice, packed, None);
    let mixed = builder.like(slice, channels);
    builder.graph.push(Operation::Attend(heads), packed, mixed);
    let geometry = Geometry::depthwise(channels);
    let position = builder.folded(&format!("{name}.pe"), geometry, false)?;
    let seen = packed.part(channels, channels);
    builder.convolve(position, seen, mixed, Some(mixed));
    let geometry = Geometry::pointwise(channels, channels);
    let project = builder.folded(&format!("{name}.proj"), geometry, false)?;
    builder.convolve(project, mixed, slice, Some(slice));
    Ok(())
}

/// Weight files keep query, key and value of each head together; we keep all queries
/// together, so that all values are neighbours.
fn by_role(layer: &mut Layer, heads: Heads) {
    let Heads {
        count,
        keys,
        values,
    } = heads;
    let of_head = 2 * keys + values;
    let mut order = Vec::with_capacity(layer.bias.len());
    for (skip, length) in [(0, keys), (keys, keys), (2 * keys, values)] {
        for head in 0..count {
            order.extend((0..length).map(|channel| head * of_head + skip + channel));
        }
    }
    let filter = layer.geometry.inputs;
    let filters = order
        .iter()
        .map(|old| &layer.weight[old * filter..(old + 1) * filter]);
    layer.weight = filters.collect::<Vec<_>>().concat();
    layer.bias = order.iter().map(|old| layer.bias[*old]).collect();
}

/// `C2PSA`: half of the channels pass through attention blocks.
pub(super) fn attention_stage(
    builder: &mut Builder,
    name: &str,
    repeats: usize,
    from: Slice,
    to: Slice,
) -> Result<()> {
    let hidden = from.channels / 2;
    let joined = builder.like(from, 2 * hidden);
    builder.active(&format!("{name}.cv1"), POINT, from, joined)?;
    let attended = joined.part(hidden, hidden);
    for index in 0..repeats {
        let name = format!("{name}.m.{index}");
        attention(builder, &format!("{name}.attn"), attended)?;
        let wide = builder.like(from, 2 * hidden);
        builder.active(&format!("{name}.ffn.0"), POINT, attended, wide)?;
        let geometry = Geometry::pointwise(2 * hidden, hidden);
        let narrow = builder.folded(&format!("{name}.ffn.1"), geometry, false)?;
        builder.convolve(narrow, wide, attended, Some(attended));
    }
    builder.active(&format!("{name}.cv2"), POINT, joined, to)
}
