//! The paths of the OpenAPI document: one operation per HTTP mapping.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::Access;
use super::contract::{Binding, Rpc};
use super::rules::Rules;
use super::schema::{HTTP_BODY, Schemas, binary};

/// What photos may be.
const IMAGE_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// RPCs that take work in and finish it later. The gateway answers 202 where
/// gRPC only knows OK.
pub(crate) const ACCEPTED: [&str; 1] = ["/demeter.photo.v1.PhotoService/UploadPhotos"];

/// Every HTTP mapping.
pub(crate) fn paths(contract: &super::Contract, schemas: &mut Schemas<'_>) -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for rpc in contract.rpcs() {
        for (index, binding) in rpc.bindings.iter().enumerate() {
            let operation = operation(rpc, binding, index, schemas);
            let path = paths
                .entry(template(&binding.path))
                .or_insert_with(|| json!({}));
            if let Value::Object(path) = path {
                path.insert(binding.verb.to_owned(), operation);
            }
        }
    }
    paths
}

/// `{name=pattern}` is `{name}` in OpenAPI.
fn template(path: &str) -> String {
    let mut pieces = path.split('{');
    let start = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(start, |out, piece| {
        let (inner, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let name = inner.split('=').next().unwrap_or(inner);
        out + "{" + name + "}" + rest
    })
}

fn operation(rpc: &Rpc, binding: &Binding, index: usize, schemas: &mut Schemas<'_>) -> Value {
    let comment = schemas
        .contract()
        .comment(&rpc.method.parent_file(), rpc.method.path());
    let summary = comment
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .replace('\n', " ");
    let mut operation = Map::new();
    let mut set = |key: &str, value: Value| {
        operation.insert(key.to_owned(), value);
    };
    let id = if index == 0 {
        rpc.id()
    } else {
        format!("{}_{}", rpc.id(), index + 1)
    };
    set("operationId", json!(id));
    set("summary", json!(summary));
    set("description", json!(comment));
    set("tags", json!([rpc.method.parent_service().name()]));
    set("x-rpc", json!(rpc.path()));
    match &rpc.access {
        Some(Access::Public) => set("security", json!([])),
        Some(Access::Permission(right) | Access::Internal(right)) => {
            set("x-permission", json!(right.as_str()));
        }
        Some(Access::Authenticated) | None => {}
    }
    let parameters = parameters(rpc, binding, schemas);
    if !parameters.is_empty() {
        set("parameters", json!(parameters));
    }
    if let Some(body) = request_body(rpc, binding, schemas) {
        set("requestBody", body);
    }
    set("responses", responses(rpc, binding, schemas));
    Value::Object(operation)
}

fn parameters(rpc: &Rpc, binding: &Binding, schemas: &mut Schemas<'_>) -> Vec<Value> {
    let in_path = binding.path_fields();
    let mut parameters = Vec::new();
    for name in &in_path {
        if let Some(field) = rpc.method.input().get_field_by_name(name) {
            parameters.push(parameter(&field, name, "path", schemas));
        }
    }
    if binding.body.as_deref() != Some("*") {
        let skip: Vec<String> = in_path.into_iter().chain(binding.body.clone()).collect();
        query(&rpc.method.input(), "", &skip, schemas, &mut parameters);
    }
    parameters
}

/// The fields that are neither in the path nor in the body; those of a message
/// are named `outer.inner`.
fn query(
    message: &MessageDescriptor,
    prefix: &str,
    skip: &[String],
    schemas: &mut Schemas<'_>,
    out: &mut Vec<Value>,
) {
    for field in message.fields() {
        let name = format!("{prefix}{}", field.name());
        if skip.contains(&name) {
            continue;
        }
        match field.kind() {
            Kind::Message(inner) if !inner.full_name().starts_with("google.") => {
                query(&inner, &format!("{name}."), skip, schemas, out);
            }
            _ => out.push(parameter(&field, &name, "query", schemas)),
        }
    }
}

fn parameter(field: &FieldDescriptor, name: &str, place: &str, schemas: &mut Schemas<'_>) -> Value {
    let mut schema = schemas.field(field);
    let description = schema
        .as_object_mut()
        .and_then(|schema| schema.remove("description"));
    let required = place == "path" || Rules::of(field).required();
    json!({"name": name, "in": place, "required": required, "description": description.unwrap_or_else(|| json!("")), "schema": schema})
}

fn request_body(rpc: &Rpc, binding: &Binding, schemas: &mut Schemas<'_>) -> Option<Value> {
    let body = binding.body.as_deref()?;
    let input = rpc.method.input();
    if body == "*" {
        let in_path = binding.path_fields();
        let fields: Vec<_> = input
            .fields()
            .filter(|field| !in_path.iter().any(|name| name == field.name()))
            .collect();
        let schema = if in_path.is_empty() {
            schemas.message(&input)
        } else {
            schemas.object(&input, &fields)
        };
        let required = fields.iter().any(|field| Rules::of(field).required());
        return Some(
            json!({"required": required, "content": {"application/json": {"schema": schema}}}),
        );
    }
    let field = input.get_field_by_name(body)?;
    if is_http_body(&field) {
        return Some(upload_body(&input, &field, schemas));
    }
    Some(
        json!({"required": true, "content": {"application/json": {"schema": schemas.field(&field)}}}),
    )
}

/// Photos, raw or in a form that also carries the other fields.
fn upload_body(
    input: &MessageDescriptor,
    file: &FieldDescriptor,
    schemas: &mut Schemas<'_>,
) -> Value {
    let mut properties = Map::new();
    let photos = json!({"type": "array", "items": binary(), "minItems": 1, "description": "One photo per part."});
    properties.insert(file.name().to_owned(), photos);
    for field in input.fields().filter(|field| field != file) {
        properties.insert(field.name().to_owned(), schemas.field(&field));
    }
    let mut content = Map::new();
    let form = json!({"type": "object", "required": [file.name()], "properties": properties});
    content.insert("multipart/form-data".to_owned(), json!({"schema": form}));
    for image in IMAGE_TYPES {
        content.insert(image.to_owned(), json!({"schema": binary()}));
    }
    json!({"required": true, "content": content})
}

fn responses(rpc: &Rpc, binding: &Binding, schemas: &mut Schemas<'_>) -> Value {
    let output = rpc.method.output();
    let file = binding
        .response_body
        .as_deref()
        .and_then(|name| output.get_field_by_name(name));
    let content = if file.as_ref().is_some_and(is_http_body) {
        let content: Map<String, Value> = IMAGE_TYPES
            .into_iter()
            .map(|image| (image.to_owned(), json!({"schema": binary()})))
            .collect();
        Value::Object(content)
    } else {
        json!({"application/json": {"schema": schemas.message(&output)}})
    };
    let description = schemas
        .contract()
        .comment(&output.parent_file(), output.path());
    let success = if ACCEPTED.contains(&rpc.path().as_str()) {
        "202"
    } else {
        "200"
    };
    let mut responses = Map::new();
    responses.insert(
        success.to_owned(),
        json!({"description": description, "content": content}),
    );
    responses.insert(
        "default".to_owned(),
        json!({"$ref": "#/components/responses/Error"}),
    );
    Value::Object(responses)
}

fn is_http_body(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message) if message.full_name() == HTTP_BODY)
}
