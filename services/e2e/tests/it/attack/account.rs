//! What someone who may sign in tries.

use demeter_clock::Ids;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Row;
use crate::harness::{USERS_PASSWORD, User, items};

const USERS: &str = "/api/v1/auth/users";

/// A new user with this role and an address that nobody has: address and key.
pub(super) async fn person(admin: &User, role: &str) -> (String, String) {
    let email = format!("{}@demeter.local", Ids::random().next().simple());
    let body = json!({ "email": email, "password": USERS_PASSWORD, "role": role });
    let (status, body) = admin.post(USERS, &body).await;
    assert!(status.is_success(), "{body}");
    let key = body["user"]["user_id"].as_str().unwrap().to_owned();
    (email, key)
}

fn field(body: &Value) -> &str {
    body["details"][1]["field_violations"][0]["field"]
        .as_str()
        .unwrap_or_default()
}

pub(super) async fn unknown_field(admin: &User) -> Row {
    let row = Row::new(
        9,
        "a JSON field that does not exist",
        "200, and nothing was done",
    );
    let (_, viewer) = person(admin, "ROLE_VIEWER").await;
    let path = format!("{USERS}/{viewer}");
    let (status, body) = admin.patch(&path, &json!({ "passwort": "x" })).await;
    let now = format!("{} names {:?}", status.as_u16(), field(&body));
    row.now(
        now,
        status == StatusCode::BAD_REQUEST && field(&body) == "passwort",
    )
}

pub(super) async fn query_over_path(admin: &User) -> Row {
    let row = Row::new(11, "PATCH /users/A?user_id=B", "changed B");
    let (_, viewer) = person(admin, "ROLE_VIEWER").await;
    let (_, worker) = person(admin, "ROLE_WORKER").await;
    let path = format!("{USERS}/{viewer}?user_id={worker}");
    let (status, body) = admin.patch(&path, &json!({ "active": false })).await;
    let users = admin.read(&format!("{USERS}?page_size=100")).await;
    let all_active = items(&users, "users")
        .iter()
        .all(|user| user["active"] == true);
    let now = format!(
        "{} names {:?}, both unchanged: {all_active}",
        status.as_u16(),
        field(&body)
    );
    row.now(
        now,
        status == StatusCode::BAD_REQUEST && field(&body) == "user_id" && all_active,
    )
}

pub(super) async fn weak_passwords(admin: &User) -> Row {
    let row = Row::new(
        14,
        "Password123!, qwerty123456, demeter12345, 111111112345",
        "accepted",
    );
    let mut statuses = Vec::new();
    for password in [
        "Password123!",
        "qwerty123456",
        "demeter12345",
        "111111112345",
    ] {
        let body = json!({ "email": "weak@demeter.local", "password": password });
        let (status, body) = admin.post(USERS, &body).await;
        let reason = body["details"][0]["reason"].as_str().unwrap_or_default();
        statuses.push(format!("{} {reason}", status.as_u16()));
    }
    let held = statuses.iter().all(|status| status == "400 WEAK_PASSWORD");
    row.now(statuses.join(", "), held)
}

pub(super) async fn hidden_letters(admin: &User) -> Row {
    let row = Row::new(
        18,
        "NUL and U+202E in a name",
        "an internal error, and a name that reads backwards",
    );
    let mut statuses = Vec::new();
    for name in ["Cactus\0", "Cactus\u{202e}fdp.exe", "Cactus\u{1b}[2J"] {
        let body = json!({ "code": "HIDDEN", "name": name });
        let (status, body) = admin.post("/api/v1/products/categories", &body).await;
        statuses.push(format!("{} names {:?}", status.as_u16(), field(&body)));
    }
    let held = statuses.iter().all(|status| status == "400 names \"name\"");
    row.now(statuses.join(", "), held)
}
