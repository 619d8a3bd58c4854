//! What messages, comments and documents tell people to type exists: commands of
//! this binary, and paths of its API.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Files that people read, or that hold what they read.
const ENDINGS: [&str; 11] = [
    "rs", "md", "proto", "sh", "yaml", "yml", "html", "js", "py", "example", "Makefile",
];
/// Built, fetched, made by a run, or not ours.
const NOT_OURS: [&str; 4] = ["target", "data", "protovalidate-types", "third_party"];
/// Before the name of the program, not of a command.
const ARTICLES: [&str; 4] = ["a", "another", "the", "this"];
const VERBS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// One line of a file.
struct Line {
    place: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every line outside of tests: those name on purpose what does not exist.
fn lines() -> Vec<Line> {
    let mut found = Vec::new();
    collect(&root(), &root(), &mut found);
    assert!(found.len() > 10_000, "the tree was not found");
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Line>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_hidden = name.starts_with('.') && name != ".env.example" && name != ".github";
        if is_hidden || NOT_OURS.contains(&name.as_str()) || name == "tests" {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, found);
        } else if ENDINGS.contains(&name.rsplit('.').next().unwrap()) && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).unwrap();
            let place = path.strip_prefix(root).unwrap().display().to_string();
            let told = text.split("#[cfg(test)]").next().unwrap();
            found.extend(told.lines().enumerate().map(|(number, text)| Line {
                place: format!("{place}:{}", number + 1),
                text: text.to_owned(),
            }));
        }
    }
}

/// The letters and hyphens at the start.
fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !(letter.is_ascii_lowercase() || letter == '-'));
    &text[..end.unwrap_or(text.len())]
}

/// What stands behind each `demeter `: a word, and the word after it if any.
fn commands(text: &str) -> Vec<(&str, &str)> {
    let named = |(at, found): (usize, &str)| {
        let before = &text[..at];
        if before.ends_with(|letter: char| letter.is_alphanumeric() || "_-".contains(letter)) {
            return None;
        }
        let before = before
            .trim_end()
            .rsplit(|letter: char| !letter.is_alphabetic());
        if before.take(1).any(|word| ARTICLES.contains(&word)) {
            return None;
        }
        let rest = &text[at + found.len()..];
        let first = word(rest);
        let second = rest[first.len()..].strip_prefix(' ').map_or("", word);
        (!first.is_empty() && !first.starts_with('-')).then_some((first, second))
    };
    text.match_indices("demeter ").filter_map(named).collect()
}

/// What `demeter help` says about a command; none when there is no such command.
fn help(command: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_demeter"))
        .arg("help")
        .args(command)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    output.status.success().then_some(said)
}

fn is_command(first: &str, second: &str) -> bool {
    let Some(said) = help(&[first]) else {
        return false;
    };
    let has_commands = said.contains("<COMMAND>");
    !has_commands || second.is_empty() || help(&[first, second]).is_some()
}

/// Each `/api/…` and the verb before it, if any.
fn paths(text: &str) -> Vec<(Option<&str>, &str)> {
    let named = |(at, _): (usize, &str)| {
        let before = &text[..at];
        // A folder of the tree.
        if before.ends_with(|letter: char| letter.is_ascii_lowercase() || letter == '_') {
            return None;
        }
        let rest = &text[at..];
        let end =
            rest.find(|letter: char| !(letter.is_alphanumeric() || "/_{}$<>.-".contains(letter)));
        let path = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
        let path = if path.contains('{') {
            path
        } else {
            path.trim_end_matches('}')
        };
        let verb = before
            .trim_end_matches(['`', '"', ' '])
            .rsplit([' ', '`', '(', '"'])
            .next();
        Some((verb.filter(|verb| VERBS.contains(verb)), path))
    };
    text.match_indices("/api/").filter_map(named).collect()
}

/// The API as `docs/openapi.json` has it: each path's segments and verbs.
fn api() -> BTreeMap<Vec<String>, BTreeSet<String>> {
    let document = std::fs::read(root().join("docs/openapi.json")).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let verbs = |item: &Value| {
        item.as_object()
            .unwrap()
            .keys()
            .map(|verb| verb.to_uppercase())
            .collect()
    };
    paths
        .iter()
        .map(|(path, item)| (segments(path), verbs(item)))
        .collect()
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(str::to_owned).collect()
}

/// A parameter of the API stands for anything, and what is filled in later for it.
fn fits(known: &str, named: &str) -> bool {
    known == named || (known.starts_with('{') && !named.is_empty())
}

fn is_path(api: &BTreeMap<Vec<String>, BTreeSet<String>>, verb: Option<&str>, path: &str) -> bool {
    let mut named = segments(path);
    let is_prefix = path.ends_with('/');
    if is_prefix {
        named.pop();
    }
    api.iter().any(|(known, verbs)| {
        let length = known.len() == named.len() || (is_prefix && known.len() > named.len());
        length
            && known
                .iter()
                .zip(&named)
                .all(|(known, named)| fits(known, named))
            && verb.is_none_or(|verb| is_prefix || verbs.contains(verb))
    })
}

#[test]
fn every_command_that_is_named_exists() {
    let mut known: BTreeMap<(String, String), bool> = BTreeMap::new();
    let mut faults = Vec::new();
    for Line { place, text } in lines() {
        for (first, second) in commands(&text) {
            let exists = *known
                .entry((first.to_owned(), second.to_owned()))
                .or_insert_with(|| is_command(first, second));
            if !exists {
                faults.push(format!("{place}: there is no `demeter {first} {second}`"));
            }
        }
    }
    assert!(known.len() > 10, "no mention was found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_path_that_is_named_exists() {
    let api = api();
    let mut mentions = 0;
    let mut faults = Vec::new();
    for Line { place, text } in lines() {
        for (verb, path) in paths(&text) {
            mentions += 1;
            if !is_path(&api, verb, path) {
                let verb = verb.unwrap_or_default();
                faults.push(format!("{place}: there is no {verb} {path}"));
            }
        }
    }
    assert!(mentions > 100, "no mention was found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_does_not_exist_is_found() {
    assert_eq!(commands("makes one: `demeter keys`"), [("keys", "")]);
    assert_eq!(
        commands("time demeter import places …"),
        [("import", "places")]
    );
    assert_eq!(commands("another demeter runs, -p demeter"), []);
    assert!(is_command("model", "verify") && is_command("up", "has"));
    assert!(!is_command("keys", "") && !is_command("model", "paint"));

    let api = api();
    let exists = |text: &str| {
        let [(verb, path)] = paths(text)[..] else {
            panic!("not one path: {text}")
        };
        is_path(&api, verb, path)
    };
    assert!(exists("use POST /api/v1/stock/batches."));
    assert!(exists(
        "format!(\"/api/v1/photos/sessions/{session}/progress\")"
    ));
    assert!(exists("under `/api/v1/photos/`"));
    assert!(!exists("use DELETE /api/v1/stock/batches"));
    assert!(!exists("use POST /api/v1/stock/sowings"));
    assert_eq!(paths("services/auth/src/api/users.rs"), []);
}
