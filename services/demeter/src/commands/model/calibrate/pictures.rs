//! Pictures to calibrate with: marked ones by folder, counted ones in a list.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use super::super::pictures::{Folder, Written, is_picture};

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

/// Every folder at or below this one that holds marked pictures. A picture without
/// marks is an error: left out in silence, it could flatter.
pub(super) fn sets(folder: &Path) -> anyhow::Result<Vec<Set>> {
    let mut sets = Vec::new();
    collect(folder, &mut sets)?;
    ensure!(!sets.is_empty(), "{} holds no pictures", folder.display());
    Ok(sets)
}

fn collect(folder: &Path, sets: &mut Vec<Set>) -> anyhow::Result<()> {
    let read = Folder::read(folder)?;
    let mut set = Set {
        folder: folder.to_owned(),
        pictures: Vec::new(),
    };
    for path in &read.paths {
        if path.is_dir() {
            collect(path, sets)?;
        } else if is_picture(path) {
            set.pictures.push(photo(&read, path)?);
        }
    }
    if !set.pictures.is_empty() {
        sets.push(set);
    }
    Ok(())
}

fn photo(folder: &Folder, path: &Path) -> anyhow::Result<Photo> {
    let Some(marks) = folder.marks(path)? else {
        bail!(
            "nothing says which plants {} shows: it needs {}",
            path.display(),
            path.with_extension("txt").display()
        );
    };
    let path = path.to_owned();
    Ok(Photo { path, marks })
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{list, sets};

    #[test]
    fn every_folder_with_pictures_is_a_set() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a/2.jpg", "a/1.PNG", "b/c/x.webp"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path.with_extension("txt"), "").unwrap();
            fs::write(path, "").unwrap();
        }

        let found = sets(folder.path()).unwrap();

        let names: Vec<_> = found.iter().map(super::Set::name).collect();
        let pictures = found.iter().map(|set| set.pictures.len());
        assert_eq!(names, ["a", "c"]);
        assert_eq!(pictures.collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn what_says_nothing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(sets(folder.path()).is_err());
        fs::write(folder.path().join("bed.jpg"), "").unwrap();

        let unmarked = sets(folder.path()).err().unwrap().to_string();

        assert!(unmarked.contains("bed.txt"), "{unmarked}");
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
