//! What a device has to offer to run a network.

use std::fmt::Debug;
use std::time::Duration;

use candle_core::Tensor;

use crate::detection::{Detection, Options};
use crate::letterbox::Fitted;
use crate::network::Prediction;
use crate::{Error, Result};

/// What runs a network.
pub(crate) trait Runner: Debug + Send + Sync {
    /// What computes: the instruction set on the processor, or the kind of device.
    fn engine(&self) -> &'static str;

    /// See [`crate::Model::forward`].
    fn forward(&self, input: &Tensor) -> Result<Prediction>;

    /// See [`crate::Model::detect`]: pictures whose inputs have one shape, in one batch.
    fn detect(&self, pictures: &[Fitted], options: &Options) -> Result<Vec<Vec<Detection>>>;

    /// See [`crate::Model::profile`].
    fn profile(&self, _input: &Tensor) -> Result<Vec<StepTime>> {
        let problem = "only the processor's own kernels are timed step by step";
        Err(Error::Input(problem.to_owned()))
    }

    /// Threads that a forward pass may use, where it uses any.
    fn set_threads(&mut self, _threads: usize) {}
}

/// How long one step of a forward pass took.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTime {
    /// The layer's name in weight files.
    pub name: String,
    /// What it does, and how.
    pub kind: &'static str,
    /// Multiplications and additions of the plain formula; zero where none are counted.
    pub operations: u64,
    /// Wall-clock time on all threads together.
    pub time: Duration,
}
