//! The blocks between input and head, named as in the weight files.

use candle_core::Tensor;
use candle_nn::ops::softmax_last_dim;

use super::convolution::{Builder, Convolution, Geometry};
use crate::Result;

/// Two convolutions around which the input passes unchanged.
#[derive(Debug)]
struct Bottleneck {
    first: Convolution,
    second: Convolution,
}

impl Bottleneck {
    fn build(builder: &mut Builder, name: &str, channels: usize, hidden: usize) -> Result<Self> {
        let first = Geometry::square(channels, hidden, 3, 1);
        let second = Geometry::square(hidden, channels, 3, 1);
        Ok(Self {
            first: builder.active(&format!("{name}.cv1"), first)?,
            second: builder.active(&format!("{name}.cv2"), second)?,
        })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let deeper = self.second.forward(&self.first.forward(input)?)?;
        Ok((input + deeper)?)
    }
}

/// `C3k`: a deep and a shallow path, joined.
#[derive(Debug)]
struct DeepBlock {
    deep: Convolution,
    shallow: Convolution,
    join: Convolution,
    inner: Vec<Bottleneck>,
}

impl DeepBlock {
    fn build(builder: &mut Builder, name: &str, channels: usize) -> Result<Self> {
        let hidden = channels / 2;
        let enter = Geometry::pointwise(channels, hidden);
        let leave = Geometry::pointwise(2 * hidden, channels);
        let mut inner = Vec::new();
        for index in 0..2 {
            let name = format!("{name}.m.{index}");
            inner.push(Bottleneck::build(builder, &name, hidden, hidden)?);
        }
        Ok(Self {
            deep: builder.active(&format!("{name}.cv1"), enter)?,
            shallow: builder.active(&format!("{name}.cv2"), enter)?,
            join: builder.active(&format!("{name}.cv3"), leave)?,
            inner,
        })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let mut deep = self.deep.forward(input)?;
        for block in &self.inner {
            deep = block.forward(&deep)?;
        }
        let shallow = self.shallow.forward(input)?;
        self.join.forward(&Tensor::cat(&[deep, shallow], 1)?)
    }
}

#[derive(Debug)]
enum Inner {
    Plain(Bottleneck),
    Deep(DeepBlock),
}

impl Inner {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        match self {
            Self::Plain(block) => block.forward(input),
            Self::Deep(block) => block.forward(input),
        }
    }
}

/// Channels and depth of a [`Stage`].
#[derive(Clone, Copy, Debug)]
pub(super) struct StageShape {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) hidden: usize,
    pub(super) repeats: usize,
    pub(super) deep: bool,
}

/// `C3k2`: half of the channels go through the inner blocks, every step is kept.
#[derive(Debug)]
pub(super) struct Stage {
    enter: Convolution,
    inner: Vec<Inner>,
    leave: Convolution,
    hidden: usize,
}

impl Stage {
    pub(super) fn build(builder: &mut Builder, name: &str, shape: StageShape) -> Result<Self> {
        let StageShape {
            inputs,
            outputs,
            hidden,
            repeats,
            deep,
        } = shape;
        let mut inner = Vec::new();
        for index in 0..repeats {
            let name = format!("{name}.m.{index}");
            inner.push(if deep {
                Inner::Deep(DeepBlock::build(builder, &name, hidden)?)
            } else {
                Inner::Plain(Bottleneck::build(builder, &name, hidden, hidden / 2)?)
            });
        }
        let enter = Geometry::pointwise(inputs, 2 * hidden);
        let leave = Geometry::pointwise((2 + repeats) * hidden, outputs);
        Ok(Self {
            enter: builder.active(&format!("{name}.cv1"), enter)?,
            inner,
            leave: builder.active(&format!("{name}.cv2"), leave)?,
            hidden,
        })
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let both = self.enter.forward(input)?;
        let mut last = both.narrow(1, self.hidden, self.hidden)?;
        let mut kept = vec![both];
        for block in &self.inner {
            last = block.forward(&last.contiguous()?)?;
            kept.push(last.clone());
        }
        self.leave.forward(&Tensor::cat(&kept, 1)?)
    }
}

/// `SPPF`: the neighbourhood at four widths.
#[derive(Debug)]
pub(super) struct Pyramid {
    enter: Convolution,
    leave: Convolution,
}

impl Pyramid {
    pub(super) fn build(builder: &mut Builder, name: &str, channels: usize) -> Result<Self> {
        let hidden = channels / 2;
        let enter = Geometry::pointwise(channels, hidden);
        let leave = Geometry::pointwise(4 * hidden, channels);
        Ok(Self {
            enter: builder.active(&format!("{name}.cv1"), enter)?,
            leave: builder.active(&format!("{name}.cv2"), leave)?,
        })
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let mut kept = vec![self.enter.forward(input)?];
        for _ in 0..3 {
            let widened = widest(&kept[kept.len() - 1])?;
            kept.push(widened);
        }
        self.leave.forward(&Tensor::cat(&kept, 1)?)
    }
}

/// The largest of the 5×5 neighbours.
///
/// The border is repeated outward, which changes no maximum: what is repeated
/// lies in the window already.
fn widest(input: &Tensor) -> Result<Tensor> {
    let padded = input.pad_with_same(2, 2, 2)?.pad_with_same(3, 2, 2)?;
    Ok(padded.contiguous()?.max_pool2d_with_stride(5, 1)?)
}

/// Self-attention between all positions.
#[derive(Debug)]
struct Attention {
    heads: usize,
    pack: Convolution,
    project: Convolution,
    position: Convolution,
}

impl Attention {
    fn build(builder: &mut Builder, name: &str, channels: usize) -> Result<Self> {
        let pack = Geometry::pointwise(channels, 2 * channels);
        let project = Geometry::pointwise(channels, channels);
        let position = Geometry::depthwise(channels);
        Ok(Self {
            heads: (channels / 64).max(1),
            pack: builder.linear(&format!("{name}.qkv"), pack)?,
            project: builder.linear(&format!("{name}.proj"), project)?,
            position: builder.linear(&format!("{name}.pe"), position)?,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "a head has at most 32 keys")]
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let (batch, channels, height, width) = input.dims4()?;
        let values = channels / self.heads;
        let keys = values / 2;
        let packed = self.pack.forward(input)?;
        let packed = packed.reshape((batch, self.heads, 2 * keys + values, height * width))?;
        let query = packed.narrow(2, 0, keys)?.transpose(2, 3)?.contiguous()?;
        let key = packed.narrow(2, keys, keys)?.contiguous()?;
        let value = packed.narrow(2, 2 * keys, values)?.contiguous()?;
        let weights = (query.matmul(&key)? * (1.0 / (keys as f64).sqrt()))?;
        let weights = softmax_last_dim(&weights)?;
        let mixed = value.matmul(&weights.transpose(2, 3)?.contiguous()?)?;
        let shape = (batch, channels, height, width);
        let position = self.position.forward(&value.reshape(shape)?)?;
        self.project.forward(&(mixed.reshape(shape)? + position)?)
    }
}

/// Attention, then two pointwise layers, each added to its input.
#[derive(Debug)]
struct AttentionBlock {
    attention: Attention,
    widen: Convolution,
    narrow: Convolution,
}

impl AttentionBlock {
    fn build(builder: &mut Builder, name: &str, channels: usize) -> Result<Self> {
        let widen = Geometry::pointwise(channels, 2 * channels);
        let narrow = Geometry::pointwise(2 * channels, channels);
        Ok(Self {
            attention: Attention::build(builder, &format!("{name}.attn"), channels)?,
            widen: builder.active(&format!("{name}.ffn.0"), widen)?,
            narrow: builder.linear(&format!("{name}.ffn.1"), narrow)?,
        })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let seen = (input + self.attention.forward(input)?)?;
        let thought = self.narrow.forward(&self.widen.forward(&seen)?)?;
        Ok((seen + thought)?)
    }
}

/// `C2PSA`: half of the channels pass through attention.
#[derive(Debug)]
pub(super) struct AttentionStage {
    enter: Convolution,
    inner: Vec<AttentionBlock>,
    leave: Convolution,
    hidden: usize,
}

impl AttentionStage {
    pub(super) fn build(
        builder: &mut Builder,
        name: &str,
        channels: usize,
        repeats: usize,
    ) -> Result<Self> {
        let hidden = channels / 2;
        let mut inner = Vec::new();
        for index in 0..repeats {
            let name = format!("{name}.m.{index}");
            inner.push(AttentionBlock::build(builder, &name, hidden)?);
        }
        let whole = Geometry::pointwise(channels, 2 * hidden);
        Ok(Self {
            enter: builder.active(&format!("{name}.cv1"), whole)?,
            inner,
            leave: builder.active(&format!("{name}.cv2"), whole)?,
            hidden,
        })
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let both = self.enter.forward(input)?;
        let kept = both.narrow(1, 0, self.hidden)?;
        let mut attended = both.narrow(1, self.hidden, self.hidden)?.contiguous()?;
        for block in &self.inner {
            attended = block.forward(&attended)?;
        }
        self.leave.forward(&Tensor::cat(&[kept, attended], 1)?)
    }
}
