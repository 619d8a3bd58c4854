//! Access tokens that are not as ours are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::Row;
use crate::harness::{System, User};

/// What a call with each of these tokens is answered.
async fn answers(user: &User, tokens: &[String]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for token in tokens {
        let mut thief = user.clone();
        thief.token.clone_from(token);
        statuses.push(thief.get("/api/v1/auth/users").await.0.as_u16());
    }
    statuses
}

/// A token of no algorithm, one cut short, one of eight kilobytes.
pub(super) async fn unsigned(admin: &User) -> Row {
    let row = Row::new(17, "tokens that nobody signed", "refused");
    let (message, _signature) = admin.token.rsplit_once('.').unwrap();
    let (_header, claims) = message.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let tokens = [
        format!("{none}.{claims}."),
        format!("{message}."),
        format!("{}AA", admin.token),
        "x".repeat(8_000),
        String::new(),
    ];
    let statuses = answers(admin, &tokens).await;
    let held = statuses.iter().all(|status| *status == 401);
    row.now(format!("{statuses:?}"), held)
}

/// The same claims under another header, signed with the system's own key: what
/// verifiers forgive each other.
pub(super) async fn strangely_signed(system: &System, admin: &User) -> Row {
    let row = Row::new(
        17,
        "signed tokens with a `crit`, another `typ`, loose base64",
        "accepted by whoever verifies",
    );
    let key = SigningKey::from_pkcs8_pem(&system.secret("jwt.pem")).unwrap();
    let (header, rest) = admin.token.split_once('.').unwrap();
    let (claims, _signature) = rest.split_once('.').unwrap();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        signed(&key, &header, claims)
    };
    let control = answers(admin, &[signed(&key, &header, claims)]).await;
    let tokens = [
        with("crit", json!(["exp"])),
        with("b64", json!(false)),
        with("typ", json!("refresh+jwt")),
        with("jku", json!("https://elsewhere.example/keys")),
        loose(&admin.token),
        format!("{}=", admin.token),
    ];
    let statuses = answers(admin, &tokens).await;
    let held = statuses.iter().all(|status| *status == 401);
    row.now(
        format!("{statuses:?}, and {control:?} when only signed anew"),
        held && control == [200],
    )
}

fn signed(key: &SigningKey, header: &Value, claims: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let message = format!("{header}.{claims}");
    let signature = key.sign(message.as_bytes()).to_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The same token, written another way: 64 bytes leave four bits of the last letter
/// unused, so that the next letters of the alphabet say the same.
fn loose(token: &str) -> String {
    let (rest, last) = token.split_at(token.len() - 1);
    let last = last.as_bytes()[0];
    format!("{rest}{}", char::from(last + 1))
}
