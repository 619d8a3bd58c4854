//! `demeter model evaluate`: how well a model counts pictures whose plants are known.

mod manifest;
mod pictures;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use demeter_inference::evaluation::{Figures, Tally};
use demeter_inference::{Loaded, Parameters, Search, detect};
use serde::Serialize;

use super::look::Look;
use crate::terminal::{print, progress};
use manifest::{Kind, Set};

/// Weights of a general model, in the folder of material from outside.
const BASELINE: &str = "models/yolo11n-coco.pt";
/// The classes of a general model that may be a plant seen from above.
const BASELINE_LABELS: [&str; 2] = ["potted plant", "broccoli"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders of marked pictures, instead of the sets of the manifest.
    #[arg(value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// The manifest of sets: names, kinds and where they lie.
    #[arg(
        long,
        value_name = "YAML",
        default_value = "services/inference/evaluation/sets.yaml"
    )]
    sets: PathBuf,
    /// Only the sets whose name contains one of these.
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
    /// The folder of material from outside.
    #[arg(
        long,
        env = "DEMETER_SHARED",
        value_name = "FOLDER",
        default_value = "../shared"
    )]
    shared: PathBuf,
    /// The folder of sets that were rendered or composed here.
    #[arg(
        long,
        env = "DEMETER_DATA",
        value_name = "FOLDER",
        default_value = "data/training"
    )]
    data: PathBuf,
    /// Weights as safetensors or Ultralytics .pt; the built-in plant model
    /// without it.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Also measures a general model that knows COCO's classes, of which potted plants
    /// and broccoli count: `models/yolo11n-coco.pt` of the material from
    /// outside.
    #[arg(long)]
    baseline: bool,
    #[command(flatten)]
    look: Look,
    /// Also writes every figure as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What one model made of the sets.
#[derive(Serialize)]
struct Evaluation {
    model: String,
    version: String,
    sha256: String,
    /// The classes that count as a plant; all of the model's where absent.
    labels: Option<&'static [&'static str]>,
    min_confidence: f32,
    search: Search,
    sets: Vec<Measured>,
}

/// A set and what came of it.
#[derive(Serialize)]
struct Measured {
    name: String,
    kind: Kind,
    trained_on: bool,
    #[serde(flatten)]
    figures: Figures,
}

/// Prints the figures of each set, and writes them as JSON where that is asked for.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let sets = present(manifest::sets(args)?);
    let parameters = args.look.parameters()?;
    let loaded = demeter_inference::load(args.weights.as_deref(), args.look.device)?;
    let mut evaluations = vec![evaluate(&loaded, None, &parameters, &sets)?];
    if let Some(baseline) = baseline(args)? {
        let labels = Some(BASELINE_LABELS.as_slice());
        evaluations.push(evaluate(&baseline, labels, &parameters, &sets)?);
    }
    for evaluation in &evaluations {
        print(&table::of(evaluation));
    }
    if let Some(path) = &args.json {
        write(path, &evaluations)?;
    }
    Ok(())
}

/// The sets that are on this machine; says which are not.
fn present(sets: Vec<Set>) -> Vec<Set> {
    let here = |set: &Set| {
        if !set.folder.is_dir() {
            progress(&format!(
                "skipped: {} needs {}",
                set.name,
                set.folder.display()
            ));
        }
        set.folder.is_dir()
    };
    sets.into_iter().filter(here).collect()
}

fn baseline(args: &Args) -> anyhow::Result<Option<Loaded>> {
    let path = args.shared.join(BASELINE);
    if !args.baseline {
        return Ok(None);
    }
    if !path.exists() {
        progress(&format!("skipped: the baseline needs {}", path.display()));
        return Ok(None);
    }
    let loaded = demeter_inference::load(Some(&path), args.look.device)?;
    let classes = &loaded.card.classes;
    // Without names nothing it finds would count, and it would look worse than it is.
    ensure!(
        BASELINE_LABELS
            .iter()
            .all(|label| classes.iter().any(|class| class == label)),
        "{} does not name the classes {}",
        path.display(),
        BASELINE_LABELS.join(" and ")
    );
    Ok(Some(loaded))
}

fn evaluate(
    loaded: &Loaded,
    labels: Option<&'static [&'static str]>,
    parameters: &Parameters,
    sets: &[Set],
) -> anyhow::Result<Evaluation> {
    let card = &loaded.card;
    let mut measured = Vec::new();
    for set in sets {
        progress(&format!("{}: {}", card.name, set.name));
        let mut tally = Tally::default();
        for picture in pictures::of(set)? {
            let shown = || picture.path.display().to_string();
            let bytes = fs::read(&picture.path).with_context(shown)?;
            let report = detect::run(&bytes, loaded, parameters).with_context(shown)?;
            let size = (report.width_px, report.height_px);
            let truth = picture.truth(size).with_context(shown)?;
            tally.add(&report, &truth, labels);
        }
        measured.push(Measured {
            name: set.name.clone(),
            kind: set.kind,
            trained_on: set.trained_on,
            figures: tally.figures(),
        });
    }
    Ok(Evaluation {
        model: card.name.clone(),
        version: card.version.clone(),
        sha256: card.sha256.clone(),
        labels,
        min_confidence: parameters.min_confidence(),
        search: parameters.search(),
        sets: measured,
    })
}

fn write(path: &Path, evaluations: &[Evaluation]) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(evaluations)?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}
