//! What no text of a request may hold, whichever field it is in.

use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use tonic_types::FieldViolation;

use crate::words::option;

/// What a field is told that holds such a letter.
pub(crate) const PROBLEM: &str =
    "must not hold control characters, or letters that turn the direction of writing";

/// Whether a letter has no place in a name: control characters, which a terminal
/// obeys and PostgreSQL refuses (NUL), and those that turn the direction of writing,
/// which make one name read as another.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Every text of a message that holds what is hidden, by the path of its field.
pub(crate) fn violations(message: &DynamicMessage) -> Vec<FieldViolation> {
    let mut found = Vec::new();
    visit(message, "", &mut found);
    found
}

fn visit(message: &DynamicMessage, above: &str, found: &mut Vec<FieldViolation>) {
    for (field, value) in message.fields() {
        let path = match above {
            "" => field.name().to_owned(),
            above => format!("{above}.{}", field.name()),
        };
        check(value, &field, &path, found);
    }
}

fn check(value: &Value, field: &FieldDescriptor, path: &str, found: &mut Vec<FieldViolation>) {
    match value {
        Value::String(text) if is_hiding(text, field) => {
            found.push(FieldViolation::new(path, PROBLEM));
        }
        Value::Message(message) => visit(message, path, found),
        Value::List(values) => {
            for (place, value) in values.iter().enumerate() {
                check(value, field, &format!("{path}[{place}]"), found);
            }
        }
        Value::Map(values) => {
            for (key, value) in values {
                let key = Value::from(key.clone());
                check(&key, field, path, found);
                check(value, field, path, found);
            }
        }
        _ => {}
    }
}

fn is_hiding(text: &str, field: &FieldDescriptor) -> bool {
    let mut hidden = text.chars().filter(|letter| is_hidden(*letter));
    let Some(first) = hidden.next() else {
        return false;
    };
    let is_line = |letter| matches!(letter, '\n' | '\r' | '\t');
    let all_lines = is_line(first) && hidden.all(is_line);
    !(all_lines && has_lines(field))
}

fn has_lines(field: &FieldDescriptor) -> bool {
    option(field, "demeter.options.v1.lines").and_then(|value| value.as_bool()) == Some(true)
}

#[cfg(test)]
mod tests {
    use prost_reflect::{Kind, MessageDescriptor};
    use tonic::Code;
    use tonic_types::StatusExt as _;

    use super::*;
    use crate::DESCRIPTOR_POOL;
    use crate::codec::check as checked;

    /// Every message that an RPC takes.
    fn requests() -> Vec<MessageDescriptor> {
        let ours = DESCRIPTOR_POOL
            .services()
            .filter(|service| service.full_name().starts_with("demeter."));
        let requests: Vec<_> = ours
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .map(|method| method.input())
            .collect();
        assert!(requests.len() > 40);
        requests
    }

    /// The field paths that a request with this text is refused for by this rule.
    fn told(request: &DynamicMessage) -> Vec<String> {
        let Err(status) = checked(request) else {
            return Vec::new();
        };
        assert_eq!(status.code(), Code::InvalidArgument);
        let violations = status.get_details_bad_request().unwrap().field_violations;
        let hiding = violations
            .into_iter()
            .filter(|violation| violation.description == PROBLEM);
        hiding.map(|violation| violation.field).collect()
    }

    fn with(message: &MessageDescriptor, field: &FieldDescriptor, text: &str) -> DynamicMessage {
        let text = Value::String(text.to_owned());
        let value = if field.is_list() {
            Value::List(vec![Value::String("fine".to_owned()), text])
        } else {
            text
        };
        let mut request = DynamicMessage::new(message.clone());
        request.set_field(field, value);
        request
    }

    #[test]
    fn no_text_of_any_request_may_hold_what_is_hidden() {
        let mut texts = 0;
        for message in requests() {
            for field in message
                .fields()
                .filter(|field| field.kind() == Kind::String)
            {
                texts += 1;
                let name = field.name();
                let path = if field.is_list() {
                    format!("{name}[1]")
                } else {
                    name.to_owned()
                };
                for letter in [
                    "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{202a}", "\u{202e}", "\u{2066}",
                    "\u{2069}", "\n\0",
                ] {
                    let request = with(&message, &field, &format!("a{letter}b"));
                    let told = told(&request);
                    // A rule of the field itself may speak first.
                    let by_rule = checked(&request)
                        .is_err_and(|status| status.message().contains(&format!("{name} must be")));
                    assert!(
                        told.contains(&path) || by_rule,
                        "{} takes {letter:?}",
                        field.full_name()
                    );
                }
                let lines = told(&with(&message, &field, "a\r\n\tb"));
                assert_eq!(
                    lines.is_empty(),
                    has_lines(&field) || by_rules(&message, &field)
                );
            }
        }
        assert!(texts > 60, "{texts}");
    }

    /// Whether the field's own rules refuse lines, so that this one is not told.
    fn by_rules(message: &MessageDescriptor, field: &FieldDescriptor) -> bool {
        checked(&with(message, field, "a\r\n\tb")).is_err_and(|status| {
            status
                .message()
                .contains(&format!("{} must be", field.name()))
        })
    }

    #[test]
    fn a_text_inside_a_message_and_a_list_is_named_by_its_path() {
        let message = DESCRIPTOR_POOL
            .get_message_by_name("google.rpc.BadRequest")
            .unwrap();
        let list = message.get_field_by_name("field_violations").unwrap();
        let Kind::Message(entry) = list.kind() else {
            panic!("no message");
        };
        let text = entry.get_field_by_name("description").unwrap();
        let entries = ["fine", "a\u{202e}b"].map(|said| with(&entry, &text, said));
        let mut message = DynamicMessage::new(message);
        message.set_field(&list, Value::List(entries.map(Value::Message).into()));

        let found = violations(&message);

        assert_eq!(found.len(), 1);
        assert_eq!(found[0].field, "field_violations[1].description");
    }

    #[test]
    fn what_people_write_is_taken() {
        for text in ["Ñandú, 2ª nave", "仙人掌", "صبّار", "🌵 a\u{200d}b", ""] {
            assert!(!text.chars().any(is_hidden), "{text}");
        }
    }
}
