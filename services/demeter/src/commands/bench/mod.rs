//! `demeter bench infer`: how long a forward pass takes on this machine.

mod figures;
mod profile;

use std::collections::HashMap;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use candle_core::{DType, Tensor, safetensors};
use demeter_inference::ModelCard;
use demeter_yolo::{Device, DeviceChoice, Model, Prediction};
use serde_json::json;
use tokio::time::Instant;

use crate::cli::BenchInferArgs;
use figures::{Memory, Times};

/// A model, its threads, and what it looks at.
struct Bench {
    model: Model,
    card: ModelCard,
    input: Tensor,
    threads: usize,
    /// What the process held before the model was loaded.
    baseline: Option<u64>,
}

/// Prepares a model, then times it at once or whenever it is asked to.
pub(crate) fn infer(args: &BenchInferArgs) -> anyhow::Result<()> {
    let bench = Bench::prepare(args)?;
    for _ in 0..args.warm_up {
        bench.forward()?;
    }
    if let Some(path) = &args.output {
        let answer = bench.forward()?;
        write(&answer, path).with_context(|| format!("--output {}", path.display()))?;
    }
    if args.profile {
        return profile::print(&bench.model, &bench.input, args.runs);
    }
    if args.on_request {
        return bench.answer_requests();
    }
    let times = bench.times(args.runs)?;
    bench.report(&times, args.json)
}

// === impl Bench ===

impl Bench {
    fn prepare(args: &BenchInferArgs) -> anyhow::Result<Self> {
        let baseline = Memory::now().resident;
        let loaded = demeter_inference::load(args.weights.as_deref(), DeviceChoice::Cpu)
            .context("--weights")?;
        let input = match &args.input {
            Some(path) => {
                read_input(path).with_context(|| format!("--input {}", path.display()))?
            }
            None => noise(args.batch.into(), args.size)?,
        };
        let threads = args.threads.map_or_else(cores, usize::from);
        Ok(Self {
            model: loaded.model.with_threads(threads),
            card: loaded.card,
            input,
            threads,
            baseline,
        })
    }

    fn forward(&self) -> anyhow::Result<Prediction> {
        Ok(self.model.forward(&self.input)?)
    }

    fn times(&self, runs: u32) -> anyhow::Result<Times> {
        let mut times = Vec::new();
        for _ in 0..runs {
            let start = Instant::now();
            let answer = self.forward()?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            drop(answer); // Outside the time, as for a caller that still reads it.
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
        super::print(&ready.to_string());
        for line in std::io::stdin().lock().lines() {
            let line = line.context("cannot read standard input")?;
            let runs = line.trim().parse();
            let runs = runs.map_err(|_not_a_number: std::num::ParseIntError| {
                anyhow!("--on-request: {line:?} is not a number of forward passes")
            })?;
            let Times(times) = self.times(runs)?;
            super::print(&json!({ "times_ms": times }).to_string());
        }
        let last = json!({ "peak_memory_bytes": Memory::now().peak });
        super::print(&last.to_string());
        Ok(())
    }

    fn report(&self, times: &Times, as_json: bool) -> anyhow::Result<()> {
        let (batch, _, height, width) = self.input.dims4()?;
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
            super::print(&serde_json::to_string_pretty(&object)?);
            return Ok(());
        }
        super::print(&format!(
            "{name}, batch {batch}, {width} × {height}, {threads} threads, {}, {} runs",
            self.model.engine(),
            times.0.len()
        ));
        super::print(&format!(
            "median {median:.2} ms, p95 {p95:.2} ms, min {min:.2} ms, {images_per_s:.1} images/s"
        ));
        if let Some(bytes) = peak {
            super::print(&format!("peak memory {} MiB", bytes >> 20));
        }
        Ok(())
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// How fast a network is does not depend on what it sees.
fn noise(batch: usize, side: usize) -> anyhow::Result<Tensor> {
    Ok(Tensor::rand(
        0f32,
        1f32,
        (batch, 3, side, side),
        &Device::Cpu,
    )?)
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
