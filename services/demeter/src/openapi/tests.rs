//! The derived documents: complete, current and true to the proto files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use demeter_proto::DESCRIPTOR_POOL;
use serde_json::{Value, json};

use super::{Contract, authorization_table, document, reference};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn committed(name: &str) -> String {
    std::fs::read_to_string(repository().join("docs").join(name)).unwrap_or_default()
}

#[test]
fn the_committed_documents_are_current() {
    let openapi: Value = serde_json::from_str(&committed("openapi.json")).unwrap_or_default();
    assert!(
        openapi == document(),
        "docs/openapi.json is old: run `make docs`"
    );
    assert!(
        committed("authorization.md") == authorization_table(),
        "docs/authorization.md is old: run `make docs`"
    );
    assert!(
        committed("api.md") == reference(),
        "docs/api.md is old: run `make docs`"
    );
}

#[test]
fn every_http_mapping_is_an_operation() {
    let document = document();
    let mut ids = BTreeSet::new();
    for rpc in Contract::load().rpcs() {
        assert!(rpc.access.is_some(), "{} has no access rule", rpc.path());
        for binding in &rpc.bindings {
            let operation = &document["paths"][&binding.path][binding.verb];
            assert_eq!(operation["x-rpc"], json!(rpc.path()));
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()));
            assert!(
                !operation["summary"].as_str().unwrap().is_empty(),
                "{} has no comment",
                rpc.path()
            );
        }
    }
    assert!(ids.len() > 30, "only {} operations", ids.len());
}

#[test]
fn every_reference_leads_to_a_schema() {
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(entries) => {
                if let Some(Value::String(reference)) = entries.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(
                        document.pointer(pointer).is_some_and(Value::is_object),
                        "{reference} leads nowhere"
                    );
                }
                entries.values().for_each(|value| walk(value, document));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, document)),
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
}

#[test]
fn rules_of_the_proto_become_rules_of_the_schema() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let count = &schemas["stock.v1.CreateManualCountRequest"];
    assert_eq!(
        count["required"],
        json!([
            "request_id",
            "storage_location_id",
            "product_id",
            "quantity"
        ])
    );
    assert_eq!(count["properties"]["request_id"]["format"], json!("uuid"));
    assert_eq!(count["properties"]["quantity"]["type"], json!("integer"));
    assert_eq!(
        count["properties"]["product_id"]["exclusiveMinimum"],
        json!(0)
    );
    assert_eq!(count["properties"]["notes"]["maxLength"], json!(500));
    let point = &document["paths"]["/api/v1/locations/search"]["get"]["parameters"][0];
    assert_eq!(
        (&point["name"], &point["schema"]["minimum"]),
        (&json!("longitude"), &json!(-180.0))
    );
}

#[test]
fn public_rpcs_need_no_token_and_others_name_their_right() {
    let document = document();
    assert_eq!(
        document["paths"]["/api/v1/auth/login"]["post"]["security"],
        json!([])
    );
    let movements = &document["paths"]["/api/v1/stock/movements"]["post"];
    assert_eq!(movements["x-permission"], json!("stock:write"));
    assert!(movements.get("security").is_none());
}

#[test]
fn uploads_take_forms_and_images_and_downloads_give_images() {
    let document = document();
    let upload = &document["paths"]["/api/v1/photos/upload"]["post"];
    let body = &upload["requestBody"]["content"];
    assert_eq!(
        body["multipart/form-data"]["schema"]["properties"]["file"]["type"],
        json!("array")
    );
    assert_eq!(body["image/jpeg"]["schema"]["format"], json!("binary"));
    assert!(upload["responses"].get("202").is_some());
    let download = &document["paths"]["/api/v1/photos/{photo_id}/content/{variant}"]["get"];
    assert_eq!(
        download["responses"]["200"]["content"]["image/jpeg"]["schema"]["format"],
        json!("binary")
    );
}

/// Codes that comments name beside their reasons.
const CODES: [&str; 10] = [
    "INVALID_ARGUMENT",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
    "ABORTED",
    "DEADLINE_EXCEEDED",
];

/// Reasons in the comments of RPCs: words in capitals that are no codes.
fn reasons_in_comments() -> BTreeSet<String> {
    let contract = Contract::load();
    let enum_values: BTreeSet<String> = DESCRIPTOR_POOL
        .all_enums()
        .flat_map(|kind| {
            kind.values()
                .map(|value| value.name().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    contract
        .rpcs()
        .iter()
        .flat_map(|rpc| {
            let comment = contract
                .comment(&rpc.method.parent_file(), rpc.method.path())
                .to_owned();
            let mut words: Vec<String> = Vec::new();
            let mut after_reason = false;
            for word in comment.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
                let capitals = word.len() > 3
                    && word
                        .chars()
                        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
                if capitals && (word.contains('_') || after_reason) {
                    words.push(word.to_owned());
                }
                after_reason = word == "reason";
            }
            words
        })
        .filter(|word| !CODES.contains(&word.as_str()) && !enum_values.contains(word))
        .collect()
}

#[test]
fn every_reason_in_a_proto_comment_is_registered() {
    let registry = committed("errors.md");
    let missing: Vec<String> = reasons_in_comments()
        .into_iter()
        .filter(|reason| !registry.contains(&format!("`{reason}`")))
        .collect();
    assert!(missing.is_empty(), "docs/errors.md lacks {missing:?}");
}

/// Words in capitals in quotes in the files that turn errors into statuses.
fn reasons_in_code() -> BTreeSet<String> {
    let services = repository().join("services");
    let of = |name: &&str| services.join(name).join("src");
    let names = ["auth", "stock", "photo", "inference"];
    let answers = names
        .iter()
        .flat_map(|name| ["api", "grpc"].map(|folder| of(name).join(folder)))
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|file| Some(file.ok()?.path()));
    let errors = names.iter().map(|name| of(name).join("error.rs"));
    let capitals = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    answers
        .chain(errors)
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .flat_map(|source| {
            let quoted = source.split('"').skip(1).step_by(2);
            let reasons = quoted.filter(|text| text.len() > 3 && text.chars().all(capitals));
            reasons.map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|word| !CODES.contains(&word.as_str()))
        .collect()
}

#[test]
fn every_reason_that_a_service_answers_with_is_registered() {
    let registry = committed("errors.md");
    let missing: Vec<String> = reasons_in_code()
        .into_iter()
        .filter(|reason| !registry.contains(&format!("`{reason}`")))
        .collect();
    assert!(missing.is_empty(), "docs/errors.md lacks {missing:?}");
}
