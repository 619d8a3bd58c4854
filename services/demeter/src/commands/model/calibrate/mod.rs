//! `demeter model calibrate`: writes into a weight file what its boxes are worth.

mod pictures;
mod table;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use demeter_inference::calibrate::{Apart, Fitted, Marked, Numbered, Picture};
use demeter_inference::{Loaded, Parameters};

use clap::ValueEnum;
use demeter_yolo::DeviceChoice;

use crate::terminal::{print, progress};
use pictures::Set;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Weights as safetensors.
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// Where the weights with their calibration go; may be the same file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Folders of marked pictures, or one list of counted ones.
    #[arg(value_name = "FOLDER", required = true)]
    material: Vec<PathBuf>,
    /// What is held out together: whole sets, or neighbouring pictures of each set.
    /// Sets where there are five or more, else runs.
    #[arg(long)]
    apart: Option<ApartChoice>,
    /// Where the model runs: auto, cpu, cuda or cuda:N, the latter two also with
    /// /f16, /bf16 or /f32.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
}

#[derive(Clone, Copy, ValueEnum)]
enum ApartChoice {
    Runs,
    Sets,
}

/// From so many sets on, whole ones are held out.
const MANY_SETS: usize = 5;
/// Pictures between two lines of progress.
const PACE: usize = 25;

/// Fits, says what the fit is worth, and writes the weights with it.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let shown = || format!("cannot read {}", args.weights.display());
    let weights = fs::read(&args.weights).with_context(shown)?;
    let loaded = demeter_inference::load(Some(&args.weights), args.device)?;
    let fitted = if let [list] = args.material.as_slice()
        && is_list(list)
    {
        from_list(&loaded, list)?
    } else {
        from_folders(&loaded, args)?
    };
    if !fitted.has_interval {
        progress("too few pictures for an interval: 19 are the least");
    }
    let calibrated = demeter_yolo::with_calibration(&weights, &fitted.text)?;
    let out = &args.out;
    // Complete or not at all: it may be the file that is in use.
    let part = out.with_added_extension("part");
    fs::write(&part, calibrated)
        .and_then(|()| fs::rename(&part, out))
        .with_context(|| format!("cannot write {}", out.display()))
}

fn is_list(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

fn from_folders(loaded: &Loaded, args: &Args) -> anyhow::Result<Fitted> {
    let mut sets = Vec::new();
    for folder in &args.material {
        ensure!(
            !is_list(folder),
            "{}: a list of numbers stands alone",
            folder.display()
        );
        sets.extend(pictures::sets(folder)?);
    }
    let mut known = HashSet::new();
    let twice = sets.iter().find(|set| !known.insert(set.folder.clone()));
    if let Some(set) = twice {
        bail!("{} is named twice", set.folder.display());
    }
    let mut marked = Marked::new(loaded, Parameters::default());
    let total: usize = sets.iter().map(|set| set.pictures.len()).sum();
    let mut done = 0;
    for (number, set) in sets.iter().enumerate() {
        for photo in &set.pictures {
            let shown = || photo.path.display().to_string();
            let bytes = fs::read(&photo.path).with_context(shown)?;
            let picture = Picture::decode(&bytes).with_context(shown)?;
            let marks = photo.marks.of(picture.size()).with_context(shown)?;
            marked.add(number, &picture, &marks).with_context(shown)?;
            done += 1;
            if done % PACE == 0 {
                progress(&format!("{done} of {total} pictures searched"));
            }
        }
    }
    let apart = match args.apart {
        Some(ApartChoice::Sets) => Apart::Sets,
        None if sets.len() >= MANY_SETS => Apart::Sets,
        Some(ApartChoice::Runs) | None => Apart::Runs,
    };
    ensure!(
        apart == Apart::Runs || sets.len() > 1,
        "one set cannot be held out from itself: give several, or --apart runs"
    );
    let fitted = marked.fit(apart);
    let names: Vec<String> = sets.iter().map(Set::name).collect();
    for (apart, table) in &fitted.tables {
        print(match apart {
            Some(Apart::Sets) => "Held out: each set in turn",
            _ => "Held out: a tenth of each set in turn, neighbours together",
        });
        print(&table::text(table, &names));
    }
    Ok(fitted)
}

fn from_list(loaded: &Loaded, list: &Path) -> anyhow::Result<Fitted> {
    let beside = list.parent().unwrap_or(Path::new(""));
    let mut numbered = Numbered::new(loaded, Parameters::default());
    for (name, plants) in pictures::list(list)? {
        let path: PathBuf = beside.join(name);
        let shown = || path.display().to_string();
        let picture = Picture::decode(&fs::read(&path).with_context(shown)?).with_context(shown)?;
        numbered.add(&picture, plants).with_context(shown)?;
    }
    let fitted = numbered.fit();
    for ((_, table), when) in fitted
        .tables
        .iter()
        .zip(["Before", "After, on these pictures"])
    {
        print(when);
        print(&table::text(table, &[]));
    }
    Ok(fitted)
}
