//! The architecture's invariants, read off the tree. `docs/architecture.md`
//! says why each of them holds.

#![expect(
    clippy::unwrap_used,
    reason = "a tree that cannot be read should panic"
)]

mod order;
mod tree;

use std::collections::BTreeSet;
use std::fs;

use tree::{code, root, sources};

/// Names that say nothing about what is inside.
const FORBIDDEN_NAMES: [&str; 11] = [
    "common", "core", "util", "utils", "shared", "helper", "helpers", "types", "base", "lib",
    "misc",
];
const FILE_LINES: usize = 500;
/// What a layer must not mention.
struct Ban {
    layer: &'static str,
    words: &'static [&'static str],
}

const BANS: [Ban; 5] = [
    Ban {
        layer: "domain",
        words: &[
            "async fn",
            ".await",
            "tonic::",
            "prost::",
            "demeter_proto",
            "sea_orm",
            "fred::",
            "candle",
            "tracing::",
            "demeter_clock",
            "crate::store",
            "crate::usecase",
            "crate::api",
            "crate::app",
            "crate::engine",
            "crate::database",
            "crate::error",
            "crate::grpc",
        ],
    },
    Ban {
        layer: "usecase",
        words: &[
            "tonic::",
            "demeter_proto",
            "sea_orm",
            "fred::",
            "crate::api",
            "crate::app",
            "crate::engine",
            "crate::grpc",
        ],
    },
    Ban {
        layer: "store",
        words: &[
            "tonic::",
            "demeter_proto",
            "crate::usecase",
            "crate::api",
            "crate::app",
            "crate::grpc",
        ],
    },
    Ban {
        layer: "api",
        words: &["sea_orm", "fred::", "candle", "crate::app"],
    },
    Ban {
        layer: "worker",
        words: &["sea_orm", "crate::api", "crate::app"],
    },
];

/// The layer of a service that a file belongs to: `services/auth/src/domain/…`,
/// or, below a subject, `services/stock/src/ledger/domain/…`.
fn layer(path: &str) -> Option<&str> {
    let (_service, inside) = path.strip_prefix("services/")?.split_once("/src/")?;
    inside
        .split('/')
        .take(2)
        .map(|part| part.trim_end_matches(".rs"))
        .find(|part| BANS.iter().any(|ban| ban.layer == *part))
}

fn manifests() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for top in ["libs", "services"] {
        for entry in fs::read_dir(root().join(top)).unwrap() {
            let path = entry.unwrap().path();
            if let Ok(text) = fs::read_to_string(path.join("Cargo.toml")) {
                found.push((
                    format!("{top}/{}", path.file_name().unwrap().to_string_lossy()),
                    text,
                ));
            }
        }
    }
    found
}

/// The normal dependencies that a manifest names.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section = manifest
        .split("\n[dependencies]")
        .nth(1)
        .unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| line.split([' ', '=', '.']).next())
        .map(str::to_owned)
        .collect()
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn layers_import_only_what_they_may() {
    let mut faults = Vec::new();
    for source in sources() {
        let Some(ban) =
            layer(&source.path).and_then(|layer| BANS.iter().find(|ban| ban.layer == layer))
        else {
            continue;
        };
        for (number, line) in code(&source.text) {
            let banned = ban.words.iter().filter(|word| line.contains(*word));
            faults.extend(
                banned.map(|word| {
                    format!("{}:{}: {} in {}", source.path, number + 1, word, ban.layer)
                }),
            );
        }
    }
    assert_none(&faults);
}

#[test]
fn grpc_codes_are_named_in_one_place_per_service() {
    let mut faults = Vec::new();
    for source in sources() {
        let elsewhere = source.path.starts_with("services/")
            && source.path.contains("/src/")
            && !source.path.starts_with("services/demeter/")
            && !source.path.ends_with("api/status.rs")
            && !source.path.ends_with("grpc/status.rs")
            // What another service's answer means is decided where it is called.
            && !source.path.contains("/clients/");
        if !elsewhere {
            continue;
        }
        for (number, line) in code(&source.text) {
            let words = [
                "Code::",
                "Status::new",
                "Status::internal",
                "Status::invalid",
                "Status::not_found",
                "Status::unauth",
                "Status::permission",
            ];
            if words
                .iter()
                .any(|word| line.contains(word) && !line.contains(&format!("Status{word}")))
            {
                faults.push(format!(
                    "{}:{}: a gRPC code outside status.rs: {}",
                    source.path,
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn nothing_is_called_by_a_name_that_says_nothing() {
    let mut faults = Vec::new();
    for source in sources() {
        let path = source.path.replace("/src/lib.rs", "/src");
        let bad = path
            .split('/')
            .map(|part| part.trim_end_matches(".rs"))
            .find(|part| FORBIDDEN_NAMES.contains(part));
        faults.extend(bad.map(|name| {
            format!(
                "{}: {name:?} says nothing about what is inside",
                source.path
            )
        }));
    }
    assert_none(&faults);
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut faults = Vec::new();
    for source in sources() {
        let own = source
            .text
            .find("#[cfg(test)]")
            .unwrap_or(source.text.len());
        let lines = source.text[..own].lines().count();
        if lines > FILE_LINES && !source.path.contains("/tests/") {
            faults.push(format!(
                "{}: {lines} lines, at most {FILE_LINES}",
                source.path
            ));
        }
        if !source.text.starts_with("//!") {
            faults.push(format!("{}: does not begin with //!", source.path));
        }
    }
    assert_none(&faults);
}

#[test]
fn libs_of_the_ground_floor_depend_on_no_lib_and_no_service() {
    let upper_floor = ["libs/service", "libs/testkit"];
    let mut faults = Vec::new();
    for (path, manifest) in manifests() {
        if !path.starts_with("libs/") || upper_floor.contains(&path.as_str()) {
            continue;
        }
        let ours = dependencies(&manifest)
            .into_iter()
            .filter(|name| name.starts_with("demeter-"));
        faults.extend(ours.map(|name| format!("{path}: depends on {name}")));
    }
    assert_none(&faults);
}

#[test]
fn services_depend_on_no_other_service() {
    let services = [
        "demeter-auth",
        "demeter-stock",
        "demeter-photo",
        "demeter-inference",
    ];
    let mut faults = Vec::new();
    for (path, manifest) in manifests() {
        // The operator's binary runs them all in one process.
        if !path.starts_with("services/") || path == "services/demeter" {
            continue;
        }
        let found = dependencies(&manifest)
            .into_iter()
            .filter(|name| services.contains(&name.as_str()));
        faults.extend(found.map(|name| format!("{path}: depends on {name}")));
    }
    assert_none(&faults);
}

#[test]
fn log_messages_are_lower_case_without_a_full_stop() {
    let mut faults = Vec::new();
    for source in sources() {
        for (number, line) in code(&source.text) {
            let is_log = ["info!(", "warn!(", "error!(", "debug!("]
                .iter()
                .any(|call| line.contains(call));
            let Some(message) = is_log.then(|| line.rsplit('"').nth(1)).flatten() else {
                continue;
            };
            if message.starts_with(char::is_uppercase) || message.ends_with('.') {
                faults.push(format!("{}:{}: {message:?}", source.path, number + 1));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn every_service_has_a_readme_that_names_its_variables() {
    let mut faults = Vec::new();
    for service in ["auth", "stock", "photo", "inference"] {
        let readme = fs::read_to_string(root().join(format!("services/{service}/README.md")))
            .unwrap_or_default();
        for heading in [
            "## What it owns",
            "## RPCs",
            "## Environment",
            "## How to run",
        ] {
            if !readme.contains(heading) {
                faults.push(format!("services/{service}/README.md: has no {heading:?}"));
            }
        }
        let config = fs::read_to_string(root().join(format!("services/{service}/src/config.rs")))
            .unwrap_or_default();
        for name in variables(&config) {
            if !readme.contains(&name) {
                faults.push(format!(
                    "services/{service}/README.md: does not name {name}"
                ));
            }
        }
    }
    assert_none(&faults);
}

/// Text literals in capitals: the environment variables that a file reads.
fn variables(source: &str) -> BTreeSet<String> {
    let is_variable = |text: &str| {
        text.contains('_')
            && text
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let end = source.find("#[cfg(test)]").unwrap_or(source.len());
    source[..end]
        .split('"')
        .filter(|text| is_variable(text))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_variable_is_in_the_example_file() {
    let example = fs::read_to_string(root().join(".env.example")).unwrap_or_default();
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    // Whoever reads the environment has a Reader.
    for source in sources() {
        if source.path.contains("/src/") && source.text.contains("Reader::new(") {
            names.extend(variables(&source.text));
        }
    }
    let shared = fs::read_to_string(root().join("libs/service/src/settings.rs")).unwrap();
    names.extend(variables(&shared));
    for service in ["AUTH", "STOCK", "PHOTO", "INFERENCE"] {
        names.extend([format!("{service}_LISTEN"), format!("{service}_OPS_LISTEN")]);
    }
    let missing = names
        .into_iter()
        // A secret's file is said once for all of them.
        .filter(|name| !example.contains(name.trim_end_matches("_FILE")));
    faults.extend(missing.map(|name| format!(".env.example: does not name {name}")));
    assert_none(&faults);
}
