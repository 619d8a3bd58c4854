//! JSON schemas of messages, as the gateway's transcoder reads and writes them.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::contract::Contract;
use super::rules::Rules;

/// The message whose bytes are a body of any content type.
pub(crate) const HTTP_BODY: &str = "google.api.HttpBody";

/// Schemas of the messages and enums that were referred to so far.
pub(crate) struct Schemas<'a> {
    contract: &'a Contract,
    components: BTreeMap<String, Value>,
}

// === impl Schemas ===

impl<'a> Schemas<'a> {
    pub(crate) fn new(contract: &'a Contract) -> Self {
        Self {
            contract,
            components: BTreeMap::new(),
        }
    }

    pub(crate) fn contract(&self) -> &'a Contract {
        self.contract
    }

    pub(crate) fn into_components(self) -> Map<String, Value> {
        self.components.into_iter().collect()
    }

    /// A reference to a message's schema, which is made when it is new.
    pub(crate) fn message(&mut self, message: &MessageDescriptor) -> Value {
        if let Some(schema) = well_known(message.full_name()) {
            return schema;
        }
        let name = component_name(message.full_name());
        if !self.components.contains_key(&name) {
            self.components.insert(name.clone(), Value::Null);
            let fields: Vec<_> = message.fields().collect();
            let schema = self.object(message, &fields);
            self.components.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// An object of these fields of a message.
    pub(crate) fn object(
        &mut self,
        message: &MessageDescriptor,
        fields: &[FieldDescriptor],
    ) -> Value {
        let properties: Map<String, Value> = fields
            .iter()
            .map(|field| (field.name().to_owned(), self.field(field)))
            .collect();
        let required: Vec<&str> = fields
            .iter()
            .filter(|field| Rules::of(field).required())
            .map(FieldDescriptor::name)
            .collect();
        let mut schema = Map::new();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert(
            "description".to_owned(),
            json!(
                self.contract
                    .comment(&message.parent_file(), message.path())
            ),
        );
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        Value::Object(schema)
    }

    /// A field's schema, with its comment and rules.
    pub(crate) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let one = self.single(field);
        let mut schema = if field.is_map() {
            let value = match field.kind() {
                Kind::Message(entry) => self.single(&entry.map_entry_value_field()),
                _ => json!({}),
            };
            object([("type", json!("object")), ("additionalProperties", value)])
        } else if field.is_list() {
            object([("type", json!("array")), ("items", one)])
        } else {
            let mut one = object_of(one);
            Rules::of(field).describe(&field.kind(), &mut one);
            one
        };
        let comment = self.contract.comment(&field.parent_file(), field.path());
        if !comment.is_empty() {
            schema.insert("description".to_owned(), json!(comment));
        }
        Value::Object(schema)
    }

    fn single(&mut self, field: &FieldDescriptor) -> Value {
        match field.kind() {
            Kind::Double => json!({"type": "number", "format": "double"}),
            Kind::Float => json!({"type": "number", "format": "float"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32 => {
                json!({"type": "integer", "format": "int32"})
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
                json!({"type": "string", "format": "int64"})
            }
            Kind::Bool => json!({"type": "boolean"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Enum(kind) => self.enumeration(&kind),
            Kind::Message(_) if field.is_map() => json!({}),
            Kind::Message(message) => self.message(&message),
        }
    }

    fn enumeration(&mut self, kind: &EnumDescriptor) -> Value {
        let name = component_name(kind.full_name());
        if !self.components.contains_key(&name) {
            let schema = self.enumeration_schema(kind);
            self.components.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn enumeration_schema(&self, kind: &EnumDescriptor) -> Value {
        let file = kind.parent_file();
        let names: Vec<String> = kind.values().map(|value| value.name().to_owned()).collect();
        let mut description = self.contract.comment(&file, kind.path()).to_owned();
        for value in kind.values() {
            description.push_str("\n- `");
            description.push_str(value.name());
            description.push_str("`: ");
            description.push_str(
                &self
                    .contract
                    .comment(&file, value.path())
                    .replace('\n', " "),
            );
        }
        json!({"type": "string", "description": description, "enum": names})
    }
}

/// `demeter.stock.v1.Batch` is `stock.v1.Batch` here.
fn component_name(full_name: &str) -> String {
    full_name
        .strip_prefix("demeter.")
        .unwrap_or(full_name)
        .to_owned()
}

/// Messages with a JSON form of their own.
fn well_known(full_name: &str) -> Option<Value> {
    let schema = match full_name {
        "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
        "google.protobuf.Duration" => {
            json!({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"})
        }
        "google.protobuf.FieldMask" => json!({"type": "string"}),
        "google.protobuf.Struct" | "google.protobuf.Empty" => json!({"type": "object"}),
        "google.protobuf.Value" => json!({}),
        HTTP_BODY => binary(),
        _ => return None,
    };
    Some(schema)
}

/// The schema of bytes that are a body by themselves.
pub(crate) fn binary() -> Value {
    json!({"type": "string", "format": "binary"})
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn object_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
