//! Which sets of pictures there are, and where they lie.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

use super::Args;

/// Where the pictures of a set come from. Kinds are never summed up together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Photos.
    Real,
    /// Plants modelled in space, under modelled light.
    Rendered,
    /// Drawn or cut-out plants, put onto drawn ground.
    Composed,
}

/// Pictures of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) folder: PathBuf,
    /// Which file names belong to it: `bed*.jpg`. All pictures without it.
    pub(super) pattern: Option<String>,
    /// The built-in model has learned from these pictures.
    pub(super) trained_on: bool,
    /// Plants in each picture, where nobody marked them.
    pub(super) count: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    sets: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    kind: Kind,
    /// What `path` begins at.
    #[serde(rename = "in")]
    root: Root,
    path: PathBuf,
    pattern: Option<String>,
    #[serde(default)]
    trained_on: bool,
    count: Option<usize>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Root {
    /// The folder of material from outside.
    Shared,
    /// The folder of sets that were made here.
    Data,
    /// The manifest's own folder.
    Here,
}

/// The sets that the caller asks for, there or not.
pub(super) fn sets(args: &Args) -> anyhow::Result<Vec<Set>> {
    if !args.folders.is_empty() {
        return Ok(args.folders.iter().map(|folder| plain(folder)).collect());
    }
    let path = &args.sets;
    let shown = || format!("cannot read the sets of {}", path.display());
    let text = fs::read_to_string(path).with_context(shown)?;
    let manifest: Manifest = yaml_serde::from_str(&text).with_context(shown)?;
    let beside = path.parent().unwrap_or(Path::new(""));
    let mut sets: Vec<Set> = manifest
        .sets
        .into_iter()
        .map(|entry| set(entry, args, beside))
        .collect();
    let asked =
        |set: &Set| args.only.is_empty() || args.only.iter().any(|word| set.name.contains(word));
    sets.retain(asked);
    ensure!(
        !sets.is_empty(),
        "no set is called {}",
        args.only.join(" or ")
    );
    Ok(sets)
}

/// A folder of photos that is in no manifest.
fn plain(folder: &Path) -> Set {
    Set {
        name: folder.display().to_string(),
        kind: Kind::Real,
        folder: folder.to_owned(),
        pattern: None,
        trained_on: false,
        count: None,
    }
}

fn set(entry: Entry, args: &Args, beside: &Path) -> Set {
    let Entry {
        name,
        kind,
        root,
        path,
        pattern,
        trained_on,
        count,
    } = entry;
    let root = match root {
        Root::Shared => &args.shared,
        Root::Data => &args.data,
        Root::Here => beside,
    };
    Set {
        name,
        kind,
        folder: root.join(path),
        pattern,
        trained_on,
        count,
    }
}
