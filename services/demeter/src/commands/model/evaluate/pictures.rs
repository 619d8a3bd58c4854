//! The pictures of a set, and the marks beside them.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use demeter_inference::evaluation::Truth;
use serde::Deserialize;

use super::manifest::Set;

const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// A picture whose plants are known.
pub(super) struct Picture {
    pub(super) path: PathBuf,
    pub(super) marks: Marks,
}

/// What lies beside a picture.
#[derive(Clone)]
pub(super) enum Marks {
    /// Shares of the picture's sides, and those that count neither way.
    Yolo { plants: String, ignored: String },
    /// Pascal VOC.
    Voc(String),
    /// Edges in pixels.
    Corners(Vec<[f32; 4]>),
    /// Only the number of plants.
    Count(usize),
}

/// What the scene generators write: about one picture, or about a folder of them.
#[derive(Deserialize)]
struct Boxes {
    boxes: Vec<[f32; 4]>,
}

#[derive(Deserialize)]
struct Listing {
    images: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    file: String,
    boxes: Vec<[f32; 4]>,
}

/// Every picture of a set, by name. A picture without marks is an error: left out in
/// silence, it could flatter.
pub(super) fn of(set: &Set) -> anyhow::Result<Vec<Picture>> {
    let listed = listing(&set.folder)?;
    let mut pictures = Vec::new();
    for path in paths(set)? {
        let marks = match marks(&path, &listed)? {
            Some(marks) => marks,
            None => match set.count {
                Some(count) => Marks::Count(count),
                None => bail!("nothing says which plants {} shows", path.display()),
            },
        };
        pictures.push(Picture { path, marks });
    }
    ensure!(
        !pictures.is_empty(),
        "no picture of {} is in {}",
        set.name,
        set.folder.display()
    );
    Ok(pictures)
}

fn paths(set: &Set) -> anyhow::Result<Vec<PathBuf>> {
    let shown = || format!("cannot read {}", set.folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(&set.folder).with_context(shown)? {
        let path = entry.with_context(shown)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let picture = EXTENSIONS.iter().any(|known| extension == *known);
        let asked = set
            .pattern
            .as_deref()
            .is_none_or(|pattern| matches(&name, pattern));
        if picture && asked {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// Whether a name fits a pattern, in which one `*` stands for anything.
fn matches(name: &str, pattern: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else {
        return name == pattern;
    };
    name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
}

/// What the folder's `truth.json` says of each of its pictures.
fn listing(folder: &Path) -> anyhow::Result<HashMap<String, Marks>> {
    let path = folder.join("truth.json");
    let Some(text) = text(&path)? else {
        return Ok(HashMap::new());
    };
    let listing: Listing =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let images = listing.images.into_iter();
    Ok(images
        .map(|listed| (listed.file, Marks::Corners(listed.boxes)))
        .collect())
}

fn marks(path: &Path, listed: &HashMap<String, Marks>) -> anyhow::Result<Option<Marks>> {
    if let Some(plants) = text(&path.with_extension("txt"))? {
        let ignored = text(&path.with_extension("ignore.txt"))?.unwrap_or_default();
        return Ok(Some(Marks::Yolo { plants, ignored }));
    }
    if let Some(xml) = text(&path.with_extension("xml"))? {
        return Ok(Some(Marks::Voc(xml)));
    }
    if let Some(json) = text(&path.with_extension("truth.json"))? {
        let Boxes { boxes } =
            serde_json::from_str(&json).with_context(|| path.display().to_string())?;
        return Ok(Some(Marks::Corners(boxes)));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(listed.get(name.as_ref()).cloned())
}

/// A file's text; `None` where there is no such file.
fn text(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

// === impl Marks ===

impl Marks {
    /// What they say of a picture of this size, in pixels.
    pub(super) fn truth(&self, size: (u32, u32)) -> anyhow::Result<Truth> {
        Ok(match self {
            Self::Yolo { plants, ignored } => Truth::from_yolo(plants, ignored, size)?,
            Self::Voc(xml) => Truth::from_voc(xml)?,
            Self::Corners(boxes) => Truth::from_corners(boxes),
            Self::Count(count) => Truth::Count(*count),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("bed_next.jpg", "bed*.jpg"));
        assert!(matches("bed.jpg", "bed*.jpg") && matches("bed.jpg", "bed.jpg"));
        assert!(!matches("bed.png", "bed*.jpg") && !matches("ab.jpg", "bed*.jpg"));
        assert!(!matches("aba", "aba*ba"));
    }
}
