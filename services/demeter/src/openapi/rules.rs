//! The `buf.validate` rules of a field, as far as a JSON schema can say them.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};
use serde_json::{Map, Value as Json, json};

use super::contract::{extension, text};

/// The rules of one field.
pub(crate) struct Rules {
    /// `string`, `int32`, …: the rules of the field's kind.
    kind: Option<DynamicMessage>,
    required: bool,
    ignore_zero: bool,
    presence: bool,
}

// === impl Rules ===

impl Rules {
    pub(crate) fn of(field: &FieldDescriptor) -> Self {
        let rules = extension(&field.options(), "buf.validate.field");
        let kind = rules.as_ref().and_then(|rules| {
            let oneof = rules
                .descriptor()
                .oneofs()
                .find(|oneof| oneof.name() == "type")?;
            let set = oneof.fields().find(|kind| rules.has_field(kind))?;
            rules.get_field(&set).as_message().cloned()
        });
        let flag = |name: &str| {
            rules
                .as_ref()
                .and_then(|rules| rules.get_field_by_name(name)?.as_bool())
                .unwrap_or(false)
        };
        let ignore = rules
            .as_ref()
            .and_then(|rules| rules.get_field_by_name("ignore")?.as_enum_number())
            .unwrap_or(0);
        Self {
            kind,
            required: flag("required"),
            ignore_zero: ignore != 0,
            presence: field.supports_presence(),
        }
    }

    /// Whether a request without the field is refused: because it says so, or
    /// because the zero that an absent field means breaks a rule.
    pub(crate) fn required(&self) -> bool {
        self.required || (!self.ignore_zero && !self.presence && self.refuses_zero())
    }

    fn refuses_zero(&self) -> bool {
        let above_zero = self.number("gt").is_some_and(|gt| gt >= 0.0)
            || self.number("gte").is_some_and(|gte| gte > 0.0)
            || self.number("min_len").is_some_and(|length| length > 0.0)
            || self.number("min_items").is_some_and(|length| length > 0.0);
        let not_zero = self
            .list("not_in")
            .iter()
            .any(|value| number(value) == Some(0.0));
        let one_of = self.list("in");
        let not_one_of =
            !one_of.is_empty() && !one_of.iter().any(|value| value.as_str() == Some(""));
        above_zero || not_zero || not_one_of || self.flag("uuid") || self.flag("email")
    }

    /// Adds the rules to the schema of a field of this kind.
    pub(crate) fn describe(&self, kind: &Kind, schema: &mut Map<String, Json>) {
        match kind {
            Kind::String => self.describe_text(schema),
            Kind::Bytes | Kind::Bool | Kind::Enum(_) | Kind::Message(_) => {}
            // JSON carries these as text, to which bounds do not apply.
            Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => {
                self.describe_bounds(
                    schema,
                    [
                        "x-minimum",
                        "x-exclusive-minimum",
                        "x-maximum",
                        "x-exclusive-maximum",
                    ],
                );
            }
            _ => self.describe_bounds(
                schema,
                ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"],
            ),
        }
    }

    fn describe_text(&self, schema: &mut Map<String, Json>) {
        for (rule, keyword) in [("min_len", "minLength"), ("max_len", "maxLength")] {
            if let Some(length) = self.integer(rule) {
                schema.insert(keyword.to_owned(), json!(length));
            }
        }
        if let Some(pattern) = self.kind.as_ref().and_then(|rules| text(rules, "pattern")) {
            let pattern = if self.ignore_zero {
                format!("^$|{pattern}")
            } else {
                pattern
            };
            schema.insert("pattern".to_owned(), json!(pattern));
        }
        for format in ["uuid", "email"] {
            // An empty text is no UUID, but allowed where zero is ignored.
            if self.flag(format) && !self.ignore_zero {
                schema.insert("format".to_owned(), json!(format));
            }
        }
        let allowed: Vec<String> = self
            .list("in")
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        if !allowed.is_empty() {
            schema.insert("enum".to_owned(), json!(allowed));
        }
    }

    fn describe_bounds(&self, schema: &mut Map<String, Json>, keywords: [&str; 4]) {
        for (rule, keyword) in ["gte", "gt", "lte", "lt"].into_iter().zip(keywords) {
            let bound = self
                .integer(rule)
                .map(|bound| json!(bound))
                .or_else(|| self.number(rule).map(|bound| json!(bound)));
            if let Some(bound) = bound {
                schema.insert(keyword.to_owned(), bound);
            }
        }
    }

    /// A rule that is set.
    fn value(&self, rule: &str) -> Option<Value> {
        let rules = self.kind.as_ref()?;
        if !rules.has_field_by_name(rule) {
            return None;
        }
        Some(rules.get_field_by_name(rule)?.into_owned())
    }

    fn flag(&self, rule: &str) -> bool {
        self.value(rule)
            .and_then(|value| value.as_bool())
            .unwrap_or(false)
    }

    fn number(&self, rule: &str) -> Option<f64> {
        self.value(rule).as_ref().and_then(number)
    }

    fn integer(&self, rule: &str) -> Option<i64> {
        match self.value(rule)? {
            Value::I32(number) => Some(number.into()),
            Value::U32(number) => Some(number.into()),
            Value::I64(number) => Some(number),
            Value::U64(number) => i64::try_from(number).ok(),
            _ => None,
        }
    }

    fn list(&self, rule: &str) -> Vec<Value> {
        match self.value(rule) {
            Some(Value::List(values)) => values,
            _ => Vec::new(),
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::I32(number) => Some(f64::from(*number)),
        Value::U32(number) => Some(f64::from(*number)),
        Value::F32(number) => Some(f64::from(*number)),
        Value::F64(number) => Some(*number),
        // Only compared with zero, so the sign is enough.
        Value::I64(number) => Some(f64::from(i32::try_from(number.signum()).unwrap_or(0))),
        Value::U64(number) => Some(if *number == 0 { 0.0 } else { 1.0 }),
        _ => None,
    }
}
