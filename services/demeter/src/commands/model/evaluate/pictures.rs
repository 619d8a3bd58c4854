//! The pictures of a set, and what is known of them.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use demeter_inference::evaluation::{Malformed, Truth};

use super::super::pictures::{Folder, Written, is_picture};
use super::manifest::Set;

/// A picture whose plants are known.
pub(super) struct Picture {
    pub(super) path: PathBuf,
    known: Known,
}

enum Known {
    Marks(Written),
    Count(usize),
}

/// Every picture of a set, by name. A picture without marks is an error: left out in
/// silence, it could flatter.
pub(super) fn of(set: &Set) -> anyhow::Result<Vec<Picture>> {
    let folder = Folder::read(&set.folder)?;
    let mut pictures = Vec::new();
    for path in folder.paths.iter().filter(|path| set.holds(path)) {
        let known = match (folder.marks(path)?, set.count) {
            (Some(marks), _) => Known::Marks(marks),
            (None, Some(count)) => Known::Count(count),
            (None, None) => bail!("nothing says which plants {} shows", path.display()),
        };
        let path = path.clone();
        pictures.push(Picture { path, known });
    }
    ensure!(
        !pictures.is_empty(),
        "no picture of {} is in {}",
        set.name,
        set.folder.display()
    );
    Ok(pictures)
}

/// Whether a name fits a pattern, in which one `*` stands for anything.
fn matches(name: &str, pattern: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else {
        return name == pattern;
    };
    name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
}

// === impl Set ===

impl Set {
    fn holds(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let pattern = self.pattern.as_deref();
        is_picture(path) && pattern.is_none_or(|pattern| matches(&name, pattern))
    }
}

// === impl Picture ===

impl Picture {
    /// What a picture of this size shows, in its pixels.
    pub(super) fn truth(&self, size: (u32, u32)) -> Result<Truth, Malformed> {
        match &self.known {
            Known::Marks(marks) => marks.of(size).map(Truth::Marked),
            Known::Count(count) => Ok(Truth::Count(*count)),
        }
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
