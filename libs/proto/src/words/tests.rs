//! Every rule of every field has words, and they reach who broke it.

use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic_types::StatusExt as _;

use super::*;
use crate::DESCRIPTOR_POOL;
use crate::codec::check;

/// Every field of our messages that has a rule.
fn ruled() -> Vec<FieldDescriptor> {
    let ours = |message: &MessageDescriptor| message.full_name().starts_with("demeter.");
    let fields: Vec<FieldDescriptor> = DESCRIPTOR_POOL
        .all_messages()
        .filter(ours)
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .filter(|field| option(field, "buf.validate.field").is_some())
        .collect();
    assert!(fields.len() > 100, "the rules were not found");
    fields
}

fn field(message: &str, name: &str) -> FieldDescriptor {
    let message = format!("demeter.{message}");
    let message = DESCRIPTOR_POOL.get_message_by_name(&message).unwrap();
    message.get_field_by_name(name).unwrap()
}

/// Values of a field, of which some break whatever rules it has.
fn strange(field: &FieldDescriptor) -> Vec<Value> {
    if field.is_list() {
        return vec![Value::List(Vec::new())];
    }
    match field.kind() {
        Kind::String => [String::new(), "¡ !".to_owned(), too_long(field)]
            .map(Value::String)
            .to_vec(),
        Kind::Bytes => vec![Value::Bytes(prost::bytes::Bytes::new())],
        Kind::Int32 => [i32::MIN, 0, i32::MAX].map(Value::I32).to_vec(),
        Kind::Int64 => [i64::MIN, 0, i64::MAX].map(Value::I64).to_vec(),
        Kind::Double => [f64::MIN, 0.0, f64::MAX].map(Value::F64).to_vec(),
        Kind::Float => [f32::MIN, 0.0, f32::MAX].map(Value::F32).to_vec(),
        Kind::Enum(_) => [0, 999].map(Value::EnumNumber).to_vec(),
        other => panic!("no strange values of {other:?} are known: add some"),
    }
}

/// One character more than the field's rules allow.
fn too_long(field: &FieldDescriptor) -> String {
    let rules = option(field, "buf.validate.field").unwrap();
    let text = rules
        .as_message()
        .unwrap()
        .get_field_by_name("string")
        .unwrap();
    let most = set(text.as_message().unwrap())
        .get("max_len")
        .and_then(Value::as_u64);
    "x".repeat(most.map_or(0, |most| usize::try_from(most).unwrap()) + 1)
}

/// What is said about a field of a message that is otherwise empty.
fn said(field: &FieldDescriptor, value: Option<Value>) -> Option<String> {
    let mut message = DynamicMessage::new(field.parent_message().clone());
    if let Some(value) = value {
        message.set_field(field, value);
    }
    let status = check(&message).err()?;
    let violations = status.get_details_bad_request().unwrap().field_violations;
    let about: Vec<_> = violations
        .into_iter()
        .filter(|violation| violation.field == field.name())
        .collect();
    assert!(about.len() <= 1, "{} is named twice", field.full_name());
    Some(about.into_iter().next()?.description)
}

#[test]
fn every_rule_of_every_field_has_words() {
    for field in ruled() {
        assert!(
            allowed(&field).is_some(),
            "{}: a rule of it has no words; teach this module, or add must_be",
            field.full_name()
        );
    }
}

/// Rules of whole messages and oneofs would have to bring their own words.
#[test]
fn rules_are_written_on_fields_alone() {
    for message in DESCRIPTOR_POOL.all_messages() {
        let name = message.full_name().to_owned();
        let extension = DESCRIPTOR_POOL.get_extension_by_name("buf.validate.message");
        assert!(
            !message.options().has_extension(&extension.unwrap()),
            "{name}"
        );
    }
}

#[test]
fn whoever_breaks_a_rule_is_told_what_is_allowed() {
    for field in ruled() {
        let words = allowed(&field).unwrap();
        let values: Vec<Option<Value>> = match field.kind() {
            Kind::Message(_) => vec![None],
            _ => strange(&field).into_iter().map(Some).collect(),
        };
        let sentences: Vec<String> = values
            .into_iter()
            .filter_map(|value| said(&field, value))
            .collect();
        assert!(
            !sentences.is_empty(),
            "nothing breaks {}",
            field.full_name()
        );
        for sentence in sentences {
            let asked = [format!("must be {words}"), format!("is required: {words}")];
            assert!(
                asked.contains(&sentence),
                "{}: {sentence}",
                field.full_name()
            );
        }
    }
}

#[test]
fn the_words_are_those_that_people_use() {
    for (message, name, expected) in [
        ("auth.v1.LoginRequest", "password", "1 to 256 characters"),
        (
            "auth.v1.CreateUserRequest",
            "email",
            "an e-mail address, at most 255 characters",
        ),
        (
            "auth.v1.CreateUserRequest",
            "first_name",
            "at most 100 characters",
        ),
        (
            "auth.v1.CreateUserRequest",
            "role",
            "ROLE_VIEWER, ROLE_WORKER, ROLE_SUPERVISOR or ROLE_ADMIN",
        ),
        ("auth.v1.ListUsersRequest", "page_size", "0 to 200"),
        (
            "photo.v1.DownloadPhotoRequest",
            "variant",
            "original, thumbnail or annotated",
        ),
        ("stock.v1.CreateMovementRequest", "request_id", "a UUID"),
        (
            "stock.v1.CreateMovementRequest",
            "quantity",
            "-1000000 to 1000000, but not 0",
        ),
        ("stock.v1.CreateBatchRequest", "quantity", "1 to 1000000"),
        ("stock.v1.CreateBatchRequest", "product_id", "1 or more"),
        (
            "stock.v1.CreateBatchRequest",
            "planting_date",
            "a day, such as 2026-10-31",
        ),
        (
            "stock.v1.CreateProductCategoryRequest",
            "code",
            "capital letters A to Z, digits and _, 3 to 50 characters",
        ),
        ("stock.v1.LocatePointRequest", "longitude", "-180 to 180"),
        (
            "inference.v1.CountPlantsRequest",
            "image",
            "1 to 52428800 bytes",
        ),
    ] {
        assert_eq!(
            allowed(&field(message, name)).as_deref(),
            Some(expected),
            "{message}.{name}"
        );
    }
}

#[test]
fn one_sentence_names_every_field_that_is_refused() {
    let request = crate::stock::v1::CreateMovementRequest {
        batch_id: "x".to_owned(),
        ..Default::default()
    };

    let refused = check(&request).unwrap_err();

    assert_eq!(
        refused.message(),
        "request_id is required: a UUID; batch_id must be a UUID; movement_type is required: \
         MOVEMENT_TYPE_PLANTAR, MOVEMENT_TYPE_SEMBRAR, MOVEMENT_TYPE_MUERTE, \
         MOVEMENT_TYPE_VENTAS or MOVEMENT_TYPE_AJUSTE; \
         quantity is required: -1000000 to 1000000, but not 0"
    );
}
