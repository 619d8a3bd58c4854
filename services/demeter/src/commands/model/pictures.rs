//! Pictures with marks around their plants, and what beside them says so.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use demeter_inference::evaluation::{Malformed, Marks};
use serde::Deserialize;

const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Marks as they are written down.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// Shares of the picture's sides, and those that count neither way.
    Yolo { plants: String, ignored: String },
    /// Pascal VOC.
    Voc(String),
    /// Edges in pixels.
    Corners(Vec<[f32; 4]>),
}

/// A folder, and what its `truth.json` says of the pictures in it.
pub(super) struct Folder {
    /// Everything in it, by name, so that frames of a sequence follow one another.
    pub(super) paths: Vec<PathBuf>,
    listed: HashMap<String, Written>,
}

/// What the scene generators write about one picture.
#[derive(Deserialize)]
struct Boxes {
    boxes: Vec<[f32; 4]>,
}

/// What they write about a folder.
#[derive(Deserialize)]
struct Listing {
    images: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    file: String,
    boxes: Vec<[f32; 4]>,
}

// === impl Folder ===

impl Folder {
    /// Reads which files there are, and the listing where there is one.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let shown = || format!("cannot read {}", folder.display());
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).with_context(shown)? {
            paths.push(entry.with_context(shown)?.path());
        }
        paths.sort_unstable();
        let listed = listing(&folder.join("truth.json"))?;
        Ok(Self { paths, listed })
    }

    /// What lies beside a picture of the folder, or what its listing says; `None` where
    /// nothing says which plants the picture shows.
    pub(super) fn marks(&self, picture: &Path) -> anyhow::Result<Option<Written>> {
        if let Some(plants) = text(&picture.with_extension("txt"))? {
            let ignored = text(&picture.with_extension("ignore.txt"))?.unwrap_or_default();
            return Ok(Some(Written::Yolo { plants, ignored }));
        }
        if let Some(xml) = text(&picture.with_extension("xml"))? {
            return Ok(Some(Written::Voc(xml)));
        }
        let path = picture.with_extension("truth.json");
        if let Some(json) = text(&path)? {
            let read = serde_json::from_str(&json);
            let Boxes { boxes } = read.with_context(|| path.display().to_string())?;
            return Ok(Some(Written::Corners(boxes)));
        }
        let name = picture.file_name().unwrap_or_default().to_string_lossy();
        Ok(self.listed.get(name.as_ref()).cloned())
    }
}

/// Whether a file's name is that of a picture that can be decoded.
pub(super) fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    EXTENSIONS.iter().any(|known| extension == *known)
}

fn listing(path: &Path) -> anyhow::Result<HashMap<String, Written>> {
    let Some(text) = text(path)? else {
        return Ok(HashMap::new());
    };
    let listing = serde_json::from_str(&text);
    let Listing { images } = listing.with_context(|| path.display().to_string())?;
    let images = images.into_iter();
    Ok(images
        .map(|listed| (listed.file, Written::Corners(listed.boxes)))
        .collect())
}

/// A file's text; `None` where there is no such file.
fn text(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

// === impl Written ===

impl Written {
    /// In pixels of a picture of this size.
    pub(super) fn of(&self, size: (u32, u32)) -> Result<Marks, Malformed> {
        match self {
            Self::Yolo { plants, ignored } => Marks::from_yolo(plants, ignored, size),
            Self::Voc(xml) => Marks::from_voc(xml),
            Self::Corners(boxes) => Ok(Marks::from_corners(boxes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Folder, Written, is_picture};

    #[test]
    fn marks_come_from_beside_a_picture_or_from_the_folders_list() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        for name in ["a.jpg", "b.PNG", "c.webp", "d.jpeg", "e.jpg", "f.jpg"] {
            write(name, "");
        }
        write("a.txt", "0 0.5 0.5 0.2 0.4\n");
        write("a.ignore.txt", "0 0.1 0.1 0.2 0.2");
        write("b.txt", "");
        write("c.xml", "<annotation/>");
        write("d.truth.json", r#"{"boxes": [[1, 2, 3.5, 4]], "pots": 3}"#);
        write(
            "truth.json",
            r#"{"images": [{"file": "e.jpg", "boxes": [[5, 6, 7, 8]]}]}"#,
        );

        let read = Folder::read(folder.path()).unwrap();

        let pictures = read.paths.iter().filter(|path| is_picture(path));
        let marks: Vec<Option<Written>> = pictures.map(|path| read.marks(path).unwrap()).collect();
        let yolo = |plants: &str, ignored: &str| Written::Yolo {
            plants: plants.to_owned(),
            ignored: ignored.to_owned(),
        };
        let expected = [
            Some(yolo("0 0.5 0.5 0.2 0.4\n", "0 0.1 0.1 0.2 0.2")),
            Some(yolo("", "")),
            Some(Written::Voc("<annotation/>".to_owned())),
            Some(Written::Corners(vec![[1.0, 2.0, 3.5, 4.0]])),
            Some(Written::Corners(vec![[5.0, 6.0, 7.0, 8.0]])),
            None,
        ];
        assert_eq!(marks, expected);
    }
}
