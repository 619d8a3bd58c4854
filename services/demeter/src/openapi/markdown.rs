//! The authorization table and the API reference as Markdown.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::Access;
use super::contract::{Contract, Rpc};
use super::rules::Rules;

const MADE_BY: &str = "<!-- Made by `make docs` from the proto files. Do not edit. -->";

pub(crate) fn authorization_table(contract: &Contract) -> String {
    let mut out = format!(
        "{MADE_BY}\n# Authorization\n\n\
         Who may call what. The rule stands beside each RPC in `proto/` and is enforced twice: by the auth \
         service for calls through the gateway, and by the called service itself. An RPC without a rule is \
         refused to everyone.\n\n\
         | RPC | HTTP | Who |\n| --- | --- | --- |\n"
    );
    for rpc in contract.rpcs() {
        let who = who(rpc.access.as_ref());
        let http: Vec<String> = rpc
            .bindings
            .iter()
            .map(|b| format!("`{} {}`", b.verb.to_uppercase(), b.path))
            .collect();
        let http = if http.is_empty() {
            "none".to_owned()
        } else {
            http.join("<br>")
        };
        push(
            &mut out,
            format_args!("| `{}` | {http} | {who} |\n", rpc.path()),
        );
    }
    out
}

pub(crate) fn reference(contract: &Contract) -> String {
    let mut out = format!(
        "{MADE_BY}\n# API\n\n\
         JSON over HTTP through the gateway; the same RPCs with gRPC and gRPC-Web on the same port. The \
         OpenAPI document is [openapi.json](openapi.json), served at `/openapi.json` with Swagger UI at \
         `/docs`. Errors are `google.rpc.Status`; their reasons are in [errors.md](errors.md), who may call \
         what in [authorization.md](authorization.md). `int64` is text in JSON, a time is RFC 3339.\n"
    );
    for service in contract.services() {
        let comment = contract.comment(&service.parent_file(), service.path());
        push(
            &mut out,
            format_args!(
                "\n## {}\n\n`{}`. {comment}\n",
                service.name(),
                service.full_name()
            ),
        );
        for rpc in contract.rpcs_of(&service) {
            describe(contract, rpc, &mut out);
        }
    }
    out
}

fn describe(contract: &Contract, rpc: &Rpc, out: &mut String) {
    let method = &rpc.method;
    push(out, format_args!("\n### {}\n\n", method.name()));
    for binding in &rpc.bindings {
        push(
            out,
            format_args!("`{} {}`  \n", binding.verb.to_uppercase(), binding.path),
        );
    }
    push(out, format_args!("Who: {}\n\n", who(rpc.access.as_ref())));
    push(
        out,
        format_args!(
            "{}\n",
            contract.comment(&method.parent_file(), method.path())
        ),
    );
    table(contract, "Request", &method.input(), out);
    table(contract, "Answer", &method.output(), out);
}

fn table(contract: &Contract, title: &str, message: &MessageDescriptor, out: &mut String) {
    if message.fields().len() == 0 {
        return;
    }
    push(
        out,
        format_args!("\n| {title} field | Type | |\n| --- | --- | --- |\n"),
    );
    for field in message.fields() {
        let comment = contract
            .comment(&field.parent_file(), field.path())
            .replace('\n', " ")
            .replace('|', "\\|");
        let required = if Rules::of(&field).required() {
            " (required)"
        } else {
            ""
        };
        push(
            out,
            format_args!(
                "| `{}`{required} | {} | {comment} |\n",
                field.name(),
                type_name(&field)
            ),
        );
    }
}

fn type_name(field: &FieldDescriptor) -> String {
    let name = match field.kind() {
        Kind::Message(message) => message.name().to_owned(),
        Kind::Enum(kind) => kind.name().to_owned(),
        kind => format!("{kind:?}").to_lowercase(),
    };
    if field.is_list() {
        format!("list of {name}")
    } else {
        name
    }
}

fn who(access: Option<&Access>) -> String {
    match access {
        Some(Access::Public) => "anyone".to_owned(),
        Some(Access::Authenticated) => "anyone signed in".to_owned(),
        Some(Access::Permission(right)) => format!("`{right}`"),
        Some(Access::Internal(right)) => format!("other services with `{right}`"),
        None => "nobody".to_owned(),
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.push_str(&text.to_string());
}
