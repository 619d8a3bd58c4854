//! What a field must be, in words for people, read off the rules in its proto.
//!
//! The words follow "must be" or "is required:". They come from the rules
//! themselves; what a rule cannot say in words (a pattern) or does not know (that
//! one RPC takes three kinds of an enum) stands beside it as
//! `(demeter.options.v1.must_be)`.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};

/// The whole sentence about a field that breaks its rules: `value` is what was
/// sent, none when nothing was.
pub(crate) fn sentence(field: &FieldDescriptor, value: Option<&Value>) -> String {
    let absent = value.is_none_or(|value| value.is_default_for_field(field));
    match (allowed(field), absent) {
        (Some(words), true) => format!("is required: {words}"),
        (Some(words), false) => format!("must be {words}"),
        // A test keeps fields without words out of the protos.
        (None, true) => "is required".to_owned(),
        (None, false) => "is not valid".to_owned(),
    }
}

/// What the field may be; none when a rule of it has no words.
pub(crate) fn allowed(field: &FieldDescriptor) -> Option<String> {
    let rules = option(field, "buf.validate.field")?;
    let rules = rules.as_message()?;
    let own = option(field, "demeter.options.v1.must_be");
    let own = own.as_ref().and_then(Value::as_str).map(str::to_owned);
    let of_kind = rules
        .descriptor()
        .oneofs()
        .find(|oneof| oneof.name() == "type")?
        .fields()
        .find(|kind| rules.has_field(kind))
        .map(|kind| rules.get_field(&kind).into_owned());
    Words {
        kind: field.kind(),
        rules: of_kind
            .as_ref()
            .and_then(Value::as_message)
            .map(set)
            .unwrap_or_default(),
        required: rules.get_field_by_name("required")?.as_bool()?,
    }
    .say(own)
}

/// The value of an extension of the field's options.
pub(crate) fn option(field: &FieldDescriptor, name: &str) -> Option<Value> {
    let extension = field.parent_pool().get_extension_by_name(name)?;
    let options = field.options();
    options
        .has_extension(&extension)
        .then(|| options.get_extension(&extension).into_owned())
}

/// The rules that are set, by name.
fn set(rules: &DynamicMessage) -> BTreeMap<String, Value> {
    rules
        .fields()
        .map(|(rule, value)| (rule.name().to_owned(), value.clone()))
        .collect()
}

/// The rules of a field that are not said yet.
struct Words {
    kind: Kind,
    rules: BTreeMap<String, Value>,
    required: bool,
}

// === impl Words ===

impl Words {
    /// Each step takes the rules that it puts into words; one that is left over
    /// has none.
    fn say(mut self, own: Option<String>) -> Option<String> {
        if own.is_some() {
            for said in ["pattern", "in", "not_in", "defined_only"] {
                self.rules.remove(said);
            }
        }
        let what = own.or_else(|| self.choice()).or_else(|| self.format());
        let length = self.length(what.is_some());
        let parts = [
            what,
            length,
            self.range(),
            self.exceptions(),
            self.entries(),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (self.rules.is_empty() && !parts.is_empty()).then(|| parts.join(", "))
    }

    /// "original, thumbnail or annotated": the names of an enum as JSON spells
    /// them, never its zero, which means that nothing was chosen.
    fn choice(&mut self) -> Option<String> {
        let chosen = self.list("in");
        let Kind::Enum(names) = &self.kind else {
            let texts = chosen.iter().filter_map(Value::as_str).map(str::to_owned);
            return either(&texts.collect::<Vec<_>>());
        };
        let refused = self.rules.remove("not_in").map(numbers).unwrap_or_default();
        self.rules.remove("defined_only");
        let chosen: Vec<i32> = chosen.iter().filter_map(Value::as_enum_number).collect();
        let taken = |number: i32| {
            let wanted = chosen.is_empty() || chosen.contains(&number);
            wanted && number != 0 && !refused.contains(&number.to_string())
        };
        let names = names.values().filter(|value| taken(value.number()));
        either(
            &names
                .map(|value| value.name().to_owned())
                .collect::<Vec<_>>(),
        )
    }

    fn format(&mut self) -> Option<String> {
        let formats = [("uuid", "a UUID"), ("email", "an e-mail address")];
        let (rule, words) = formats
            .into_iter()
            .find(|(rule, _)| self.rules.contains_key(*rule))?;
        self.rules.remove(rule);
        Some(words.to_owned())
    }

    fn length(&mut self, said_what: bool) -> Option<String> {
        let unit = match self.kind {
            Kind::Bytes => "bytes",
            _ => "characters",
        };
        let least = self.take("min_len");
        let most = self.take("max_len");
        // A required text is not empty, whether or not a rule says so as well.
        let least = least.or_else(|| (self.required && !said_what).then(|| "1".to_owned()));
        amount(least, most).map(|amount| format!("{amount} {unit}"))
    }

    fn range(&mut self) -> Option<String> {
        let above = self.rules.remove("gt");
        let below = self.rules.remove("lt");
        let least = self.take("gte").or_else(|| next(above.as_ref()?, 1));
        let most = self.take("lte").or_else(|| next(below.as_ref()?, -1));
        let above = above
            .filter(|_| least.is_none())
            .map(|n| format!("above {}", number(&n)));
        let below = below
            .filter(|_| most.is_none())
            .map(|n| format!("below {}", number(&n)));
        let parts = [above, amount(least, most), below].into_iter().flatten();
        let words = parts.collect::<Vec<_>>().join(" and ");
        (!words.is_empty()).then_some(words)
    }

    fn exceptions(&mut self) -> Option<String> {
        let refused = self.rules.remove("not_in").map(numbers)?;
        either(&refused).map(|refused| format!("but not {refused}"))
    }

    /// How many of what a list holds. Rules of its entries that have no words are
    /// left.
    fn entries(&mut self) -> Option<String> {
        let least = self.take("min_items");
        let most = self.take("max_items");
        let how_many = amount(least, most).map(|amount| format!("{amount} entries"));
        let unique = self.rules.remove("unique");
        let unique = unique.map(|_| "no two the same".to_owned());
        let each = self.each().map(|words| format!("each {words}"));
        if each.is_some() {
            self.rules.remove("items");
        }
        let parts: Vec<String> = [how_many, unique, each].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// What each entry of a list must be.
    fn each(&self) -> Option<String> {
        let items = self.rules.get("items")?.as_message()?;
        let of_kind = items.fields().find_map(|(_, rules)| rules.as_message());
        let entry = Words {
            kind: self.kind.clone(),
            rules: of_kind.map(set)?,
            required: false,
        };
        entry.say(None)
    }

    /// A rule whose value is a number.
    fn take(&mut self, rule: &str) -> Option<String> {
        self.rules.remove(rule).as_ref().map(number)
    }

    fn list(&mut self, rule: &str) -> Vec<Value> {
        match self.rules.remove(rule) {
            Some(Value::List(values)) => values,
            _ => Vec::new(),
        }
    }
}

/// "1 to 200", "at most 200", "1 or more".
fn amount(least: Option<String>, most: Option<String>) -> Option<String> {
    match (least, most) {
        (Some(least), Some(most)) if least == most => Some(least),
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (Some(least), None) => Some(format!("{least} or more")),
        (None, None) => None,
    }
}

/// "a, b or c".
fn either(choices: &[String]) -> Option<String> {
    match choices {
        [] => None,
        [only] => Some(only.clone()),
        [first @ .., last] => Some(format!("{} or {last}", first.join(", "))),
    }
}

/// The whole number beside a bound that itself is not allowed; fractions have none.
fn next(bound: &Value, step: i8) -> Option<String> {
    let bound = match bound {
        Value::I32(bound) => i128::from(*bound),
        Value::I64(bound) => i128::from(*bound),
        Value::U32(bound) => i128::from(*bound),
        Value::U64(bound) => i128::from(*bound),
        _ => return None,
    };
    Some((bound + i128::from(step)).to_string())
}

fn numbers(list: Value) -> Vec<String> {
    match list {
        Value::List(values) => values.iter().map(number).collect(),
        _ => Vec::new(),
    }
}

fn number(value: &Value) -> String {
    match value {
        Value::I32(number) | Value::EnumNumber(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        Value::U32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::F32(number) => number.to_string(),
        Value::F64(number) => number.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
