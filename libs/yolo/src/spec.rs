//! Which member of the YOLO11 family a set of tensors is.

use crate::source::Source;
use crate::{Error, Result};

/// More classes than any data set in use; bounds what a file can ask for.
const MOST_CLASSES: usize = 4096;

/// What a network answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Boxes.
    Detect,
    /// Boxes and outlines.
    Segment,
}

/// Size of the network, from nano to extra large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scale {
    /// 2.6 million parameters.
    Nano,
    /// 9.4 million parameters.
    Small,
    /// 20 million parameters.
    Medium,
    /// 25 million parameters.
    Large,
    /// 57 million parameters.
    ExtraLarge,
}

/// Everything that fixes the shape of every tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// Size of the network.
    pub scale: Scale,
    /// What it answers with.
    pub task: Task,
    /// Number of classes, 1 to 4096.
    pub classes: usize,
}

/// How exactly a file holds its weights. The network always computes in single
/// precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32 bits or more.
    Single,
    /// 16 bits: what was rounded away shows in the outputs.
    Half,
}

/// What a loaded model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What it answers with.
    pub task: Task,
    /// Size of the network.
    pub scale: Scale,
    /// Class names by index; `class 3` where the file names none.
    pub classes: Vec<String>,
    /// Weights and biases after batch norm is folded.
    pub parameters: usize,
    /// Version of the weights, where the file names one.
    pub version: Option<String>,
    /// How exactly the file holds the weights.
    pub precision: Precision,
    /// What the file says about how far its answers can be relied on, as it stands
    /// there: whoever uses it has to check it. See [`with_calibration`].
    ///
    /// [`with_calibration`]: crate::with_calibration
    pub calibration: Option<String>,
}

// === impl Scale ===

impl Scale {
    /// All sizes, smallest first.
    pub const ALL: [Self; 5] = [
        Self::Nano,
        Self::Small,
        Self::Medium,
        Self::Large,
        Self::ExtraLarge,
    ];

    /// The letter in `yolo11n`.
    pub fn letter(self) -> char {
        match self {
            Self::Nano => 'n',
            Self::Small => 's',
            Self::Medium => 'm',
            Self::Large => 'l',
            Self::ExtraLarge => 'x',
        }
    }

    /// Channels of a layer whose reference count is `reference`.
    pub(crate) fn channels(self, reference: usize) -> usize {
        // Width multiplier in quarters, and the cap on the reference count.
        let (quarters, cap) = match self {
            Self::Nano => (1, 1024),
            Self::Small => (2, 1024),
            Self::Medium | Self::Large => (4, 512),
            Self::ExtraLarge => (6, 512),
        };
        (reference.min(cap) * quarters / 4).next_multiple_of(8)
    }

    /// Inner blocks of each stage.
    pub(crate) fn repeats(self) -> usize {
        match self {
            Self::Nano | Self::Small | Self::Medium => 1,
            Self::Large | Self::ExtraLarge => 2,
        }
    }

    /// Whether every stage uses the deeper inner block.
    pub(crate) fn deep(self) -> bool {
        matches!(self, Self::Medium | Self::Large | Self::ExtraLarge)
    }
}

// === impl Architecture ===

impl Architecture {
    /// Reads the family member off tensor names and shapes.
    pub(crate) fn infer(source: &dyn Source) -> Result<Self> {
        let stem = required(source, "model.0.conv.weight")?;
        let twice = source.shape("model.2.m.1.cv1.conv.weight").is_some();
        let scale = match (stem.first(), twice) {
            (Some(16), false) => Scale::Nano,
            (Some(32), false) => Scale::Small,
            (Some(64), false) => Scale::Medium,
            (Some(64), true) => Scale::Large,
            (Some(96), true) => Scale::ExtraLarge,
            _ => {
                let problem = format!("no size has a first layer of shape {stem:?}");
                return Err(Error::Architecture(problem));
            }
        };
        let scores = required(source, "model.23.cv3.0.2.weight")?;
        let classes = scores.first().copied().unwrap_or_default();
        let segments = source.shape("model.23.proto.cv1.conv.weight").is_some();
        let task = if segments {
            Task::Segment
        } else {
            Task::Detect
        };
        Self {
            scale,
            task,
            classes,
        }
        .checked()
    }

    pub(crate) fn checked(self) -> Result<Self> {
        if (1..=MOST_CLASSES).contains(&self.classes) {
            return Ok(self);
        }
        let problem = format!(
            "{} classes (1 to {MOST_CLASSES} are supported)",
            self.classes
        );
        Err(Error::Architecture(problem))
    }
}

fn required(source: &dyn Source, name: &str) -> Result<Vec<usize>> {
    let missing = || Error::Architecture(format!("tensor {name} is missing"));
    source.shape(name).ok_or_else(missing)
}

/// Exactly `count` names: those given, then `class N`.
pub(crate) fn class_names(given: Option<Vec<String>>, count: usize) -> Vec<String> {
    let mut names = given.unwrap_or_default();
    names.truncate(count);
    let next = names.len();
    names.extend((next..count).map(|index| format!("class {index}")));
    names
}
