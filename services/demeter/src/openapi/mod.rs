//! What the descriptor set says about the API, for people and tools: the
//! OpenAPI 3.1 document, the authorization table and the reference.
//!
//! Nothing here is written by hand per RPC, so none of it can grow stale.

mod contract;
mod markdown;
mod operation;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

pub(crate) use contract::{Binding, Contract, Rpc};
pub(crate) use demeter_identity::Access;

use serde_json::{Map, Value, json};

use schema::Schemas;

const DESCRIPTION: &str = "Plant inventory from photos. Sign in with SessionService_Login and send \
the access token as `Authorization: Bearer`. Errors have one shape, see the schema `Status`; the \
reasons are listed in docs/errors.md. Every RPC is reachable with gRPC and gRPC-Web on the same port.";

/// The OpenAPI 3.1 document of everything that the gateway serves.
pub(crate) fn document() -> Value {
    let contract = Contract::load();
    let mut schemas = Schemas::new(&contract);
    let mut paths = operation::paths(&contract, &mut schemas);
    paths.append(&mut plain_paths());
    let mut components = schemas.into_components();
    components.insert("Status".to_owned(), status_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Demeter",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearerAuth": []}],
        "tags": tags(&contract),
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {"Error": {
                "description": "The call failed; the HTTP status follows from `code`.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}},
            }},
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })
}

/// Every RPC with its HTTP mapping and who may call it, as a Markdown document.
pub(crate) fn authorization_table() -> String {
    markdown::authorization_table(&Contract::load())
}

/// Every RPC with its fields, as a Markdown document.
pub(crate) fn reference() -> String {
    markdown::reference(&Contract::load())
}

fn tags(contract: &Contract) -> Vec<Value> {
    contract
        .services()
        .into_iter()
        .filter(|service| contract.rpcs_of(service).any(|rpc| !rpc.bindings.is_empty()))
        .map(|service| {
            json!({"name": service.name(), "description": contract.comment(&service.parent_file(), service.path())})
        })
        .collect()
}

/// What the gateway serves without an RPC behind it.
fn plain_paths() -> Map<String, Value> {
    let json_answer = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": {"type": "object"}}},
        })
    };
    let operation = |id: &str, summary: &str, responses: Value| {
        json!({"get": {
            "operationId": id, "summary": summary, "tags": ["Gateway"], "security": [], "responses": responses,
        }})
    };
    let mut paths = Map::new();
    paths.insert(
        "/health".to_owned(),
        operation(
            "Gateway_Health",
            "Whether the services answer.",
            json!({"200": json_answer("They do."), "503": json_answer("At least one does not.")}),
        ),
    );
    paths.insert(
        "/.well-known/jwks.json".to_owned(),
        operation(
            "Gateway_Keys",
            "The keys that access tokens are signed with, as a JWK set.",
            json!({"200": json_answer("The keys.")}),
        ),
    );
    paths
}

fn status_schema() -> Value {
    json!({
        "type": "object",
        "description": "google.rpc.Status: why a call failed.",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "integer", "format": "int32", "description": "The gRPC code, for example 5 for NOT_FOUND."},
            "message": {"type": "string", "description": "For people."},
            "details": {
                "type": "array",
                "description": "For programs: google.rpc.ErrorInfo with `reason`, `domain` and `metadata`; \
                    google.rpc.BadRequest with `field_violations`.",
                "items": {
                    "type": "object",
                    "required": ["@type"],
                    "properties": {
                        "@type": {"type": "string"},
                        "reason": {"type": "string", "description": "See docs/errors.md."},
                        "domain": {"type": "string"},
                        "metadata": {"type": "object"},
                    },
                    "additionalProperties": true,
                },
            },
        },
    })
}
