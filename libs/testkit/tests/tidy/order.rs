//! Who may import whom: subject order beside floor order.
//!
//! A service that is laid out by subject says here in which order its modules
//! stand. A module imports only what stands below it, and inside a subject a
//! floor only the floors below it; no two files import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::assert_none;
use crate::tree::{Source, code, sources};

/// The modules of a service's `src`, from the ground up.
struct Order {
    service: &'static str,
    modules: &'static [&'static str],
}

/// The services that are laid out by subject: first the ground, then the subjects,
/// then what puts them together.
const ORDERS: [Order; 3] = [
    Order {
        service: "auth",
        modules: &[
            "error",
            "database",
            "grpc",
            "migration",
            "keys",
            "people",
            "sessions",
            "admission",
            "config",
            "operator",
            "app",
            "lib",
            "main",
        ],
    },
    Order {
        service: "stock",
        modules: &[
            "ids",
            "invalid",
            "database",
            "error",
            "grpc",
            "migration",
            "catalog",
            "places",
            "beds",
            "ledger",
            "counting",
            "months",
            "reports",
            "exchange",
            "proof",
            "config",
            "app",
            "import",
            "operator",
            "lib",
            "main",
        ],
    },
    Order {
        service: "photo",
        modules: &[
            "checkpoints",
            "ports",
            "database",
            "metrics",
            "clients",
            "pictures",
            "error",
            "grpc",
            "migration",
            "uploads",
            "processing",
            "gallery",
            "housekeeping",
            "config",
            "app",
            "lib",
            "main",
        ],
    },
];

/// The floors of a subject, from the ground up.
const FLOORS: [&str; 4] = ["domain", "store", "usecase", "api"];

/// A path below a service's `src`, without `mod` and file endings.
type Module = Vec<String>;

/// One import: who, in which line, and what.
struct Import {
    by: Module,
    line: usize,
    of: Module,
}

// === impl Order ===

impl Order {
    /// The files of this service, by module.
    fn files<'a>(&self, tree: &'a [Source]) -> BTreeMap<Module, &'a Source> {
        let folder = format!("services/{}/src/", self.service);
        let inside = |source: &'a Source| {
            let inside = source.path.strip_prefix(&folder)?.trim_end_matches(".rs");
            let parts = inside.split('/').filter(|part| *part != "mod");
            Some((parts.map(str::to_owned).collect(), source))
        };
        tree.iter().filter_map(inside).collect()
    }

    /// How high a module stands; `None` for what is no module of this service.
    fn height(&self, module: &Module) -> Option<usize> {
        let top = module.first()?;
        self.modules.iter().position(|known| known == top)
    }

    /// Modules that have no place in the order, and imports that run up.
    fn faults(&self, tree: &[Source]) -> Vec<String> {
        let files = self.files(tree);
        let mut faults = Vec::new();
        for (module, source) in &files {
            if self.height(module).is_none() {
                let (path, service) = (&source.path, self.service);
                faults.push(format!("{path}: has no place in the order of {service}"));
            }
            let up = imports(module, &source.text)
                .into_iter()
                .filter(|import| self.runs_up(import));
            faults.extend(up.map(|import| {
                let (path, line, of) = (&source.path, import.line, import.of.join("::"));
                format!("{path}:{line}: imports {of}, which stands above it")
            }));
        }
        faults.extend(circles(&files));
        faults
    }

    fn runs_up(&self, import: &Import) -> bool {
        let (Some(by), Some(of)) = (self.height(&import.by), self.height(&import.of)) else {
            return false;
        };
        let floors = floor(&import.by).zip(floor(&import.of));
        of > by || floors.is_some_and(|(by, of)| of > by)
    }
}

/// The floor of a module of a subject.
fn floor(module: &Module) -> Option<usize> {
    let floor = module.get(1)?;
    FLOORS.iter().position(|known| known == floor)
}

/// Every `crate::…` and `super::…` of a file.
fn imports(by: &Module, text: &str) -> Vec<Import> {
    // Lines are joined, as a list of imports may go over several.
    let mut joined = String::new();
    let mut starts = Vec::new();
    for (number, line) in code(text) {
        starts.push((joined.len(), number + 1));
        joined.push_str(line);
        joined.push('\n');
    }
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in joined.match_indices(start) {
            // The `super` of `super::super` was read with the one before it.
            if joined[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = starts.iter().rev().find(|(from, _)| *from <= at);
            let line = line.map_or(0, |(_, number)| *number);
            for path in paths(&joined[at..]) {
                let of = resolve(by, &path);
                let by = by.clone();
                found.push(Import { by, line, of });
            }
        }
    }
    found
}

/// The paths of one import: `a::{b, c::d}` is two of them.
fn paths(text: &str) -> Vec<Module> {
    let name = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (head, rest) = text.split_at(name);
    let head = head.to_owned();
    let Some(rest) = rest.strip_prefix("::") else {
        return vec![vec![head]];
    };
    let tails = match rest.strip_prefix('{') {
        Some(list) => branches(list).into_iter().flat_map(paths).collect(),
        None => paths(rest),
    };
    let prefixed = |tail: Module| [vec![head.clone()], tail].concat();
    tails.into_iter().map(prefixed).collect()
}

/// The parts of a list up to its closing brace.
fn branches(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(list[from..at].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(list[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|part| !part.is_empty());
    found
}

/// A path from `crate` or from a module's `super`.
fn resolve(by: &Module, path: &Module) -> Module {
    let ups = path.iter().take_while(|part| *part == "super").count();
    if ups == 0 {
        return path[1..].to_vec();
    }
    let parent = by.len().saturating_sub(ups);
    [&by[..parent], &path[ups..]].concat()
}

/// Files that import each other in a loop. A folder's own file lists its rooms
/// and lends them what they share, so it is no part of one.
fn circles(files: &BTreeMap<Module, &Source>) -> Vec<String> {
    let is_room = |module: &Module| {
        files
            .get(module)
            .is_some_and(|source| !source.path.ends_with("/mod.rs"))
    };
    let mut arrows: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, source) in files {
        if !is_room(module) {
            continue;
        }
        let named = imports(module, &source.text)
            .into_iter()
            .filter_map(|import| {
                let prefixes = (1..=import.of.len()).rev();
                prefixes
                    .map(|length| import.of[..length].to_vec())
                    .find(|prefix| files.contains_key(prefix))
                    .filter(|room| is_room(room) && room != module)
            });
        arrows.insert(module, named.collect());
    }
    let reaches = |from: &Module, to: &Module| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(room) = open.pop() {
            let next = arrows.get(&room).into_iter().flatten();
            open.extend(next.filter(|room| seen.insert((*room).clone())).cloned());
        }
        seen.contains(to)
    };
    arrows
        .keys()
        .filter(|room| reaches(room, room))
        .map(|room| format!("{}: imports itself through others", files[*room].path))
        .collect()
}

#[test]
fn no_import_runs_up() {
    let tree = sources();
    let faults: Vec<_> = ORDERS
        .iter()
        .flat_map(|order| order.faults(&tree))
        .collect();

    assert_none(&faults);
}

/// The faults of a tree in which one file has one more line.
fn faults_with(path: &str, line: &str) -> Vec<String> {
    let mut tree = sources();
    let file = tree.iter_mut().find(|source| source.path == path);
    file.unwrap().text.push_str(line);
    ORDERS
        .iter()
        .flat_map(|order| order.faults(&tree))
        .collect()
}

#[test]
fn an_import_that_runs_up_is_found_wherever_it_stands() {
    for (path, line) in [
        // A subject that uses a later one.
        (
            "catalog/domain.rs",
            "use crate::ledger::domain::batch::Batch;\n",
        ),
        (
            "beds/store/bins.rs",
            "use crate::{ids::BinId, reports::store::quantities};\n",
        ),
        (
            "places/usecase.rs",
            "fn up() { crate::beds::usecase::bin_of() }\n",
        ),
        // A floor that uses a higher one, of its own subject or of another.
        (
            "ledger/domain/batch.rs",
            "use crate::ledger::store::batches;\n",
        ),
        (
            "ledger/store/movements.rs",
            "use super::super::usecase::Ledger;\n",
        ),
        (
            "ledger/store/movements.rs",
            "use crate::catalog::{\n    api::kind,\n};\n",
        ),
        // The ground that uses a subject.
        (
            "database/requests.rs",
            "use crate::ledger::domain::batch::Effect;\n",
        ),
        // Two files of one floor that use each other.
        ("ledger/domain/movement.rs", "use super::batch::Batch;\n"),
        // Below the tests, and inside them.
        (
            "catalog/domain.rs",
            "#[cfg(test)]\nmod more {\n    use crate::beds::domain::Bin;\n}\n",
        ),
    ] {
        let path = format!("services/stock/src/{path}");
        let faults = faults_with(&path, line);

        assert!(
            faults.iter().any(|fault| fault.starts_with(&path)),
            "{path}: {line}"
        );
    }
}

#[test]
fn a_comment_is_no_import_and_a_subject_may_use_those_below_it() {
    for (path, line) in [
        (
            "catalog/domain.rs",
            "// use crate::ledger::domain::batch::Batch;\n",
        ),
        (
            "reports/store/standing.rs",
            "use crate::ledger::store::{batches, movements};\n",
        ),
    ] {
        assert_none(&faults_with(&format!("services/stock/src/{path}"), line));
    }
}
