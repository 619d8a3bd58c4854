//! Pictures whose plants are known, and what says so.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use demeter_inference::calibrate::Marks;
use serde_json::Value;

const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// The marked pictures of one folder.
pub(super) struct Set {
    pub(super) folder: PathBuf,
    /// By name, so that frames of a sequence follow one another.
    pub(super) pictures: Vec<Photo>,
}

/// A picture and its marks.
pub(super) struct Photo {
    pub(super) path: PathBuf,
    pub(super) marks: Written,
}

/// Marks as they are written down.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// Edges in pixels.
    Pixels(Vec<[f32; 4]>),
    /// Centre and sides as shares of the picture's; then those that count neither way.
    Shares(Vec<[f32; 4]>, Vec<[f32; 4]>),
}

/// Every folder at or below this one that holds marked pictures. A picture without
/// marks is an error: left out in silence, it could flatter.
pub(super) fn sets(folder: &Path) -> anyhow::Result<Vec<Set>> {
    let mut sets = Vec::new();
    collect(folder, &mut sets)?;
    ensure!(!sets.is_empty(), "{} holds no pictures", folder.display());
    Ok(sets)
}

fn collect(folder: &Path, sets: &mut Vec<Set>) -> anyhow::Result<()> {
    let shown = || format!("cannot read {}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(shown)? {
        paths.push(entry.with_context(shown)?.path());
    }
    paths.sort_unstable();
    let listed = listing(folder)?;
    let mut set = Set {
        folder: folder.to_owned(),
        pictures: Vec::new(),
    };
    for path in paths {
        if path.is_dir() {
            collect(&path, sets)?;
        } else if is_picture(&path) {
            let marks = marks(&path, &listed)?;
            set.pictures.push(Photo { path, marks });
        }
    }
    if !set.pictures.is_empty() {
        sets.push(set);
    }
    Ok(())
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    EXTENSIONS.iter().any(|known| extension == *known)
}

/// What is beside a picture, or in its folder's list.
fn marks(path: &Path, listed: &HashMap<String, Vec<[f32; 4]>>) -> anyhow::Result<Written> {
    let beside = path.with_extension("txt");
    if let Some(text) = text(&beside)? {
        let ignored = path.with_extension("ignore.txt");
        let without = self::text(&ignored)?.unwrap_or_default();
        return Ok(Written::Shares(
            shares(&text).with_context(|| beside.display().to_string())?,
            shares(&without).with_context(|| ignored.display().to_string())?,
        ));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match listed.get(name.as_ref()) {
        Some(boxes) => Ok(Written::Pixels(boxes.clone())),
        None => bail!(
            "nothing says which plants {} shows: it needs {}",
            path.display(),
            beside.display()
        ),
    }
}

/// A line for each plant: its class, then its centre and sides.
fn shares(text: &str) -> anyhow::Result<Vec<[f32; 4]>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let boxes = lines.map(|line| {
        let words = line.split_whitespace().skip(1);
        let numbers: Result<Vec<f32>, _> = words.map(str::parse).collect();
        let numbers = numbers.with_context(|| format!("{line:?}"))?;
        let Ok(shares) = <[f32; 4]>::try_from(numbers) else {
            bail!("{line:?} is not a class and four numbers");
        };
        Ok(shares)
    });
    boxes.collect()
}

/// The folder's `truth.json`, by picture.
fn listing(folder: &Path) -> anyhow::Result<HashMap<String, Vec<[f32; 4]>>> {
    let path = folder.join("truth.json");
    let Some(text) = text(&path)? else {
        return Ok(HashMap::new());
    };
    let shown = || path.display().to_string();
    let listing: Value = serde_json::from_str(&text).with_context(shown)?;
    let images = listing["images"].as_array();
    let mut listed = HashMap::new();
    for image in images.into_iter().flatten() {
        let file: String = serde_json::from_value(image["file"].clone()).with_context(shown)?;
        let boxes = serde_json::from_value(image["boxes"].clone()).with_context(shown)?;
        listed.insert(file, boxes);
    }
    Ok(listed)
}

/// A file's text; `None` where there is no such file.
fn text(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The lines `file,plants` of a list; a first line of words is its head.
pub(super) fn list(path: &Path) -> anyhow::Result<Vec<(String, usize)>> {
    let shown = || format!("cannot read {}", path.display());
    let text = fs::read_to_string(path).with_context(shown)?;
    let mut pictures = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || (number == 1 && line.trim() == "file,plants") {
            continue;
        }
        let Some((file, plants)) = line.rsplit_once(',') else {
            bail!("{}:{number}: not `file,plants`", path.display());
        };
        let plants = plants.trim().parse();
        let plants = plants.with_context(|| format!("{}:{number}: {line:?}", path.display()))?;
        pictures.push((file.trim().to_owned(), plants));
    }
    ensure!(!pictures.is_empty(), "{} lists no pictures", path.display());
    Ok(pictures)
}

// === impl Set ===

impl Set {
    /// Its folder's name.
    pub(super) fn name(&self) -> String {
        let name = self.folder.file_name().unwrap_or(self.folder.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

// === impl Written ===

impl Written {
    /// In pixels of a picture of this size.
    pub(super) fn of(&self, size: (u32, u32)) -> Marks {
        match self {
            Self::Pixels(plants) => Marks {
                plants: plants.clone(),
                ignored: Vec::new(),
            },
            Self::Shares(plants, ignored) => Marks {
                plants: plants.iter().map(|share| edges(*share, size)).collect(),
                ignored: ignored.iter().map(|share| edges(*share, size)).collect(),
            },
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "photos are narrower than 2^24 pixels"
)]
fn edges([x, y, width, height]: [f32; 4], size: (u32, u32)) -> [f32; 4] {
    let (across, down) = (size.0 as f32, size.1 as f32);
    [
        (x - width / 2.0) * across,
        (y - height / 2.0) * down,
        (x + width / 2.0) * across,
        (y + height / 2.0) * down,
    ]
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Written, list, sets};

    #[test]
    fn marks_come_from_beside_a_picture_or_from_the_folders_list() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("a/2.jpg", "");
        write("a/2.txt", "0 0.5 0.5 0.2 0.4\n\n");
        write("a/2.ignore.txt", "0 0.1 0.1 0.2 0.2");
        write("a/1.PNG", "");
        write("a/1.txt", "");
        write("b/c/x.webp", "");
        write(
            "b/c/truth.json",
            r#"{"images": [{"file": "x.webp", "boxes": [[1, 2, 3.5, 4]]}]}"#,
        );

        let found = sets(folder.path()).unwrap();

        let names: Vec<_> = found.iter().map(super::Set::name).collect();
        assert_eq!(names, ["a", "c"]);
        let marks: Vec<_> = found.iter().flat_map(|set| &set.pictures).collect();
        let marks: Vec<_> = marks
            .iter()
            .map(|photo| photo.marks.of((100, 50)))
            .collect();
        assert!(marks[0].plants.is_empty());
        let about = |boxes: &[[f32; 4]]| {
            let rounded = boxes.iter().map(|edges| edges.map(f32::round));
            rounded.collect::<Vec<_>>()
        };
        assert_eq!(about(&marks[1].plants), [[40.0, 15.0, 60.0, 35.0]]);
        assert_eq!(about(&marks[1].ignored), [[0.0, 0.0, 20.0, 10.0]]);
        assert_eq!(
            found[1].pictures[0].marks,
            Written::Pixels(vec![[1.0, 2.0, 3.5, 4.0]])
        );
    }

    #[test]
    fn what_says_nothing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(sets(folder.path()).is_err());
        fs::write(folder.path().join("bed.jpg"), "").unwrap();

        let unmarked = sets(folder.path()).err().unwrap().to_string();
        fs::write(folder.path().join("bed.txt"), "0 0.5 0.5 0.1").unwrap();
        let short = format!("{:#}", sets(folder.path()).err().unwrap());

        assert!(unmarked.contains("bed.txt"), "{unmarked}");
        assert!(short.contains("four numbers"), "{short}");
    }

    #[test]
    fn a_list_gives_numbers_of_plants() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counted.csv");
        fs::write(&path, "file,plants\nbed, left.jpg,12\n\nbed.jpg, 0\n").unwrap();

        let listed = list(&path).unwrap();

        assert_eq!(
            listed,
            [("bed, left.jpg".to_owned(), 12), ("bed.jpg".to_owned(), 0)]
        );
        fs::write(&path, "bed.jpg,many\n").unwrap();
        assert!(format!("{:#}", list(&path).err().unwrap()).contains(":1:"));
    }
}
