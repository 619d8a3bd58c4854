//! What the gateway's Lua script is told about the API: which fields a path, a
//! query and a JSON body may have. Derived from the protos, as the transcoder's
//! own descriptor is, and written beside it.

use std::collections::BTreeMap;

use anyhow::bail;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::openapi::{Access, Binding, Contract, Rpc};

const SCRIPT: &str = include_str!("../../../gateway/requests.lua");
/// Bytes of a JSON body; the body limit of the gateway.
const LIMIT: u64 = 4 << 20;
/// Bytes of a JSON body that anyone may send: what people sign in with is short.
const PUBLIC_LIMIT: u64 = 16 << 10;
/// The message without fields, of calls without a body.
const NOTHING: &str = "";
/// Messages whose JSON is a text, not an object.
const TEXTS: [&str; 3] = [
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "google.protobuf.FieldMask",
];

/// A piece of a path and what may follow it.
#[derive(Default)]
struct Node {
    literal: BTreeMap<String, Node>,
    any: Option<Box<Node>>,
    methods: BTreeMap<String, Value>,
}

/// What a call's body is.
enum Body {
    /// There is none; the transcoder would read one all the same.
    None,
    /// Bytes, which are not read here.
    File,
    /// A JSON object of this message.
    Json(MessageDescriptor),
}

/// Fields of the messages that bodies are made of, by the message's name.
type Messages = BTreeMap<String, Value>;

/// The script with its tables before it.
pub(super) fn script() -> anyhow::Result<String> {
    Ok(format!("local api = {}\n{SCRIPT}", lua(&tables()?)))
}

fn tables() -> anyhow::Result<Value> {
    let mut root = Node::default();
    let mut messages = Messages::from([(NOTHING.to_owned(), json!({}))]);
    for rpc in Contract::load().rpcs() {
        for binding in &rpc.bindings {
            let rule = rule(rpc, binding, &mut messages)?;
            let verb = binding.verb.to_uppercase();
            root.at(&binding.path)?.methods.insert(verb, rule);
        }
    }
    Ok(json!({"paths": root.table(), "messages": messages}))
}

fn rule(rpc: &Rpc, binding: &Binding, messages: &mut Messages) -> anyhow::Result<Value> {
    let input = rpc.method.input();
    let in_path = binding.path_fields();
    let mut bound = Map::new();
    for name in &in_path {
        let Some(field) = input.get_field_by_name(name) else {
            bail!("{}: the path names {name}, which is no field", rpc.path());
        };
        bound.extend(names(&field).map(|name| (name, json!(true))));
    }
    let mut rule = Map::from_iter([("bound".to_owned(), Value::Object(bound))]);
    let body = binding.body.as_deref();
    let mut query = Map::new();
    if body != Some("*") {
        let elsewhere = in_path.iter().map(String::as_str).chain(body);
        let elsewhere: Vec<&str> = elsewhere.collect();
        let free = |field: &FieldDescriptor| !elsewhere.contains(&field.name());
        for field in input.fields().filter(free) {
            queries(&field, ("", ""), &mut query)?;
        }
    }
    rule.insert("query".to_owned(), Value::Object(query));
    let public = rpc.access == Some(Access::Public);
    let body = json_body(&input, body)?;
    let (message, limit) = match &body {
        Body::File => return Ok(Value::Object(rule)),
        Body::None => (NOTHING, PUBLIC_LIMIT),
        Body::Json(message) => {
            describe(message, messages)?;
            let limit = if public { PUBLIC_LIMIT } else { LIMIT };
            (message.full_name(), limit)
        }
    };
    rule.insert("body".to_owned(), json!(message));
    rule.insert("limit".to_owned(), json!(limit));
    Ok(Value::Object(rule))
}

fn json_body(input: &MessageDescriptor, body: Option<&str>) -> anyhow::Result<Body> {
    let Some(body) = body else {
        return Ok(Body::None);
    };
    if body == "*" {
        return Ok(Body::Json(input.clone()));
    }
    match input.get_field_by_name(body).map(|field| field.kind()) {
        Some(Kind::Message(file)) if file.full_name() == "google.api.HttpBody" => Ok(Body::File),
        Some(Kind::Message(message)) => Ok(Body::Json(message)),
        kind => bail!("the body {body} of {} is {kind:?}", input.full_name()),
    }
}

/// A field by the two names that it has in JSON.
fn names(field: &FieldDescriptor) -> impl Iterator<Item = String> {
    [field.name().to_owned(), field.json_name().to_owned()].into_iter()
}

/// Adds what a field is called in a query; those of a message are `outer.inner`.
/// `outer` is that in both spellings.
fn queries(
    field: &FieldDescriptor,
    outer: (&str, &str),
    out: &mut Map<String, Value>,
) -> anyhow::Result<()> {
    let name = format!("{}{}", outer.0, field.name());
    let camel = format!("{}{}", outer.1, field.json_name());
    match field.kind() {
        Kind::Message(message) if !is_text(&message) => {
            if field.is_list() || message.full_name().starts_with("google.") {
                bail!("{} cannot be in a query", field.full_name());
            }
            let outer = (format!("{name}."), format!("{camel}."));
            message
                .fields()
                .try_for_each(|field| queries(&field, (&outer.0, &outer.1), out))
        }
        _ => {
            let entry = json!({"name": name, "list": field.is_list()});
            out.insert(camel, entry.clone());
            out.insert(name, entry);
            Ok(())
        }
    }
}

fn is_text(message: &MessageDescriptor) -> bool {
    TEXTS.contains(&message.full_name())
}

/// Adds a message's fields, and those of the messages in it.
fn describe(message: &MessageDescriptor, messages: &mut Messages) -> anyhow::Result<()> {
    let name = message.full_name().to_owned();
    if messages.contains_key(&name) {
        return Ok(());
    }
    // First, so that a message may hold itself.
    messages.insert(name.clone(), Value::Null);
    let mut fields = Map::new();
    for field in message.fields() {
        let mut entry = value_of(&field, messages)?;
        entry.insert("name".to_owned(), json!(field.name()));
        for name in names(&field) {
            fields.insert(name, Value::Object(entry.clone()));
        }
    }
    messages.insert(name, Value::Object(fields));
    Ok(())
}

/// What the value of a field is: `of` a message, a map with `each` of a kind, or
/// neither for what is no object.
fn value_of(
    field: &FieldDescriptor,
    messages: &mut Messages,
) -> anyhow::Result<Map<String, Value>> {
    let mut value = Map::new();
    match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            let each = value_of(&entry.map_entry_value_field(), messages)?;
            value.insert("each".to_owned(), Value::Object(each));
        }
        Kind::Message(message) if is_text(&message) => {}
        Kind::Message(message) if message.full_name().starts_with("google.") => {
            // Struct, Any and their like have fields that no proto names.
            bail!("{}: say how strict its JSON is", field.full_name());
        }
        Kind::Message(message) => {
            describe(&message, messages)?;
            value.insert("of".to_owned(), json!(message.full_name()));
        }
        _ => {}
    }
    Ok(value)
}

// === impl Node ===

impl Node {
    /// The node at the end of a path, for example `/api/v1/photos/{photo_id}`.
    fn at(&mut self, path: &str) -> anyhow::Result<&mut Self> {
        let mut node = self;
        for segment in path.split('/').skip(1) {
            let name = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
            node = match name {
                Some(name) if !name.contains('=') => &mut **node.any.get_or_insert_default(),
                None if !segment.contains(['{', '*', ':']) && !segment.is_empty() => {
                    node.literal.entry(segment.to_owned()).or_default()
                }
                _ => bail!("the gateway's script does not know how to read {path}"),
            };
        }
        Ok(node)
    }

    fn table(&self) -> Value {
        let mut table = Map::new();
        if !self.literal.is_empty() {
            let literal = self.literal.iter();
            let literal: Map<_, _> = literal
                .map(|(key, node)| (key.clone(), node.table()))
                .collect();
            table.insert("literal".to_owned(), Value::Object(literal));
        }
        if let Some(any) = &self.any {
            table.insert("any".to_owned(), any.table());
        }
        if !self.methods.is_empty() {
            table.insert("methods".to_owned(), json!(self.methods));
        }
        Value::Object(table)
    }
}

/// A value as Lua writes it. Texts are names in ASCII, which JSON and Lua quote
/// alike.
fn lua(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<_> = fields
                .map(|(key, value)| format!("[{}]={}", json!(key), lua(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(lua).collect();
            format!("{{{}}}", values.join(","))
        }
        Value::Null => "nil".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_has_a_rule_and_nothing_is_named_twice() {
        let tables = tables().unwrap();
        let contract = Contract::load();
        for rpc in contract.rpcs() {
            for binding in &rpc.bindings {
                let mut node = &tables["paths"];
                for segment in binding.path.split('/').skip(1) {
                    let is_name = segment.starts_with('{');
                    node = if is_name {
                        &node["any"]
                    } else {
                        &node["literal"][segment]
                    };
                }
                let rule = &node["methods"][binding.verb.to_uppercase()];
                for field in binding.path_fields() {
                    assert_eq!(rule["bound"][&field], json!(true), "{}", rpc.path());
                    assert!(rule["query"].get(&field).is_none(), "{}", rpc.path());
                }
                let all_in_body = binding.body.as_deref() == Some("*");
                let has_query = !rule["query"].as_object().unwrap().is_empty();
                assert!(!(all_in_body && has_query), "{}", rpc.path());
                let named = rule["body"].as_str() == Some(rpc.method.input().full_name());
                assert_eq!(all_in_body, named, "{}", rpc.path());
            }
        }
    }

    #[test]
    fn what_anyone_may_send_is_short() {
        let tables = tables().unwrap();
        let auth =
            &tables["paths"]["literal"]["api"]["literal"]["v1"]["literal"]["auth"]["literal"];

        assert_eq!(
            auth["login"]["methods"]["POST"]["limit"],
            json!(PUBLIC_LIMIT)
        );
        assert_eq!(auth["users"]["methods"]["POST"]["limit"], json!(LIMIT));
    }

    #[test]
    fn fields_have_both_names_and_say_what_they_hold() {
        let tables = tables().unwrap();
        let login = &tables["messages"]["demeter.auth.v1.RefreshRequest"];

        assert_eq!(login["refresh_token"], json!({"name": "refresh_token"}));
        assert_eq!(login["refreshToken"], json!({"name": "refresh_token"}));
    }

    #[test]
    fn tables_are_lua() {
        let table = json!({"a": {"b": [1, true]}, "c": "d", "e": null});

        assert_eq!(
            lua(&table),
            r#"{["a"]={["b"]={1,true}},["c"]="d",["e"]=nil}"#
        );
    }
}
