//! `demeter bench infer`: how long a forward pass takes on this machine.

mod args;
mod figures;
mod profile;

use std::collections::HashMap;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use candle_core::{DType, Tensor, safetensors};
use demeter_inference::ModelCard;
use demeter_yolo::{Device, DeviceChoice, Model, Options, Prediction};
use image::RgbImage;
use serde_json::json;
use tokio::time::Instant;

use crate::terminal;
use args::Args;
pub(crate) use args::Command;
use figures::{Memory, Times};

/// A model, its threads, and what it looks at.
struct Bench {
    model: Model,
    card: ModelCard,
    work: Work,
    threads: usize,
    /// What the process held before the model was loaded.
    baseline: Option<u64>,
}

/// What is timed.
enum Work {
    /// A forward pass of an input, [B, 3, H, W].
    Forward(Tensor),
    /// Pictures in, boxes and masks out.
    Detect(Vec<RgbImage>, Options),
}

/// Measures what was asked for.
pub(crate) fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Infer(args) => infer(args),
    }
}

/// Prepares a model, then times it at once or whenever it is asked to.
fn infer(args: &Args) -> anyhow::Result<()> {
    let bench = Bench::prepare(args)?;
    bench.times(args.warm_up)?;
    if let Work::Forward(input) = &bench.work {
        if let Some(path) = &args.output {
            let answer = bench.model.forward(input)?;
            write(&answer, path).with_context(|| format!("--output {}", path.display()))?;
        }
        if args.profile {
            return profile::print(&bench.model, input, args.runs);
        }
    }
    if args.on_request {
        return bench.answer_requests();
    }
    let times = bench.times(args.runs)?;
    bench.report(&times, args.json)
}

// === impl Bench ===

impl Bench {
    fn prepare(args: &Args) -> anyhow::Result<Self> {
        let baseline = Memory::now().resident;
        let loaded = demeter_inference::load(args.weights.as_deref(), DeviceChoice::Cpu)
            .context("--weights")?;
        let work = Work::prepare(args)?;
        let threads = args.threads.map_or_else(cores, usize::from);
        Ok(Self {
            model: loaded.model.with_threads(threads),
            card: loaded.card,
            work,
            threads,
            baseline,
        })
    }

    fn times(&self, runs: u32) -> anyhow::Result<Times> {
        let mut times = Vec::new();
        for _ in 0..runs {
            times.push(self.work.time(&self.model)?);
        }
        Ok(Times(times))
    }

    /// The other side of `services/e2e/bench_infer`.
    fn answer_requests(&self) -> anyhow::Result<()> {
        let ready = json!({
            "ready": self.card.name,
            "version": env!("CARGO_PKG_VERSION"),
            "baseline_memory_bytes": self.baseline,
        });
        terminal::print(&ready.to_string());
        for line in std::io::stdin().lock().lines() {
            let line = line.context("cannot read standard input")?;
            let runs = line.trim().parse();
            let runs = runs.map_err(|_not_a_number: std::num::ParseIntError| {
                anyhow!("--on-request: {line:?} is not a number of forward passes")
            })?;
            let Times(times) = self.times(runs)?;
            terminal::print(&json!({ "times_ms": times }).to_string());
        }
        let last = json!({ "peak_memory_bytes": Memory::now().peak });
        terminal::print(&last.to_string());
        Ok(())
    }

    fn report(&self, times: &Times, as_json: bool) -> anyhow::Result<()> {
        let (batch, height, width) = self.work.shape()?;
        let [median, p95, min] = [times.median(), times.p95(), times.min()];
        let images_per_s = 1e3 * f64::from(u32::try_from(batch)?) / median;
        let threads = self.threads;
        let Memory { peak, .. } = Memory::now();
        let name = &self.card.name;
        if as_json {
            let object = json!({
                "model": name,
                "parameters": self.model.spec().parameters,
                "batch": batch,
                "height": height,
                "width": width,
                "threads": threads,
                "engine": self.model.engine(),
                "runs": times.0.len(),
                "median_ms": median,
                "p95_ms": p95,
                "min_ms": min,
                "images_per_s": images_per_s,
                "peak_memory_bytes": peak,
                "times_ms": times.0,
            });
            terminal::print(&serde_json::to_string_pretty(&object)?);
            return Ok(());
        }
        terminal::print(&format!(
            "{name}, batch {batch}, {width} × {height}, {threads} threads, {}, {} runs",
            self.model.engine(),
            times.0.len()
        ));
        terminal::print(&format!(
            "median {median:.2} ms, p95 {p95:.2} ms, min {min:.2} ms, {images_per_s:.1} images/s"
        ));
        if let Some(bytes) = peak {
            terminal::print(&format!("peak memory {} MiB", bytes >> 20));
        }
        Ok(())
    }
}

// === impl Work ===

impl Work {
    fn prepare(args: &Args) -> anyhow::Result<Self> {
        let batch = usize::from(args.batch);
        if let Some(path) = &args.detect {
            let photo = image::open(path);
            let photo = photo.with_context(|| format!("--detect {}", path.display()))?;
            let options = Options {
                input_size: u32::try_from(args.size)?,
                ..Options::default()
            };
            return Ok(Self::Detect(vec![photo.into_rgb8(); batch], options));
        }
        let Some(path) = &args.input else {
            return Ok(Self::Forward(noise(batch, args.size)?));
        };
        let input = read_input(path).with_context(|| format!("--input {}", path.display()))?;
        Ok(Self::Forward(input))
    }

    /// Does it once; milliseconds.
    fn time(&self, model: &Model) -> anyhow::Result<f64> {
        let start = Instant::now();
        let took = || start.elapsed().as_secs_f64() * 1e3;
        // What came of it is dropped outside the time, as by a caller that still reads it.
        Ok(match self {
            Self::Forward(input) => {
                let _answer = model.forward(input)?;
                took()
            }
            Self::Detect(pictures, options) => {
                let _found = model.detect(pictures, options)?;
                took()
            }
        })
    }

    /// Pictures, their height and their width.
    fn shape(&self) -> anyhow::Result<(usize, usize, usize)> {
        match self {
            Self::Forward(input) => {
                let (batch, _, height, width) = input.dims4()?;
                Ok((batch, height, width))
            }
            Self::Detect(pictures, _) => {
                let (width, height) = pictures[0].dimensions();
                let [height, width] = [height, width].map(usize::try_from);
                Ok((pictures.len(), height?, width?))
            }
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Pictures as the service hands them over, row by row, three bytes to a pixel. How fast a
/// network is does not depend on what it sees.
fn noise(batch: usize, side: usize) -> anyhow::Result<Tensor> {
    let numbers = Tensor::rand(0f32, 255.0, (batch, side, side, 3), &Device::Cpu)?;
    Ok(numbers.to_dtype(DType::U8)?.permute((0, 3, 1, 2))?)
}

fn read_input(path: &Path) -> anyhow::Result<Tensor> {
    let mut tensors = safetensors::load(path, &Device::Cpu)?;
    let input = tensors.remove("input").context("holds no tensor `input`")?;
    let shape = input.dims();
    ensure!(
        matches!(shape, &[batch, 3, _, _] if batch > 0) && input.dtype() == DType::F32,
        "`input` is {:?} of shape {shape:?}, not single precision of [B, 3, H, W]",
        input.dtype()
    );
    Ok(input)
}

fn write(answer: &Prediction, path: &Path) -> anyhow::Result<()> {
    let Prediction { boxes, prototypes } = answer;
    let mut tensors = HashMap::from([("prediction", boxes.clone())]);
    tensors.extend(prototypes.clone().map(|all| ("prototypes", all)));
    Ok(safetensors::save(&tensors, path)?)
}
