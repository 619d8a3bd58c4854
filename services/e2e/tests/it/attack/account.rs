//! What someone who may sign in tries.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Row;
use crate::harness::{System, User, items};

/// The keys of two users.
async fn two_users(system: &System, admin: &User) -> [String; 2] {
    system.user("ROLE_VIEWER").await;
    system.user("ROLE_WORKER").await;
    let users = admin.read("/api/v1/auth/users").await;
    let key = |role: &str| {
        let users = items(&users, "users");
        let user = users.into_iter().find(|user| user["role"] == role);
        user.unwrap()["user_id"].as_str().unwrap().to_owned()
    };
    [key("ROLE_VIEWER"), key("ROLE_WORKER")]
}

fn field(body: &Value) -> &str {
    body["details"][1]["field_violations"][0]["field"]
        .as_str()
        .unwrap_or_default()
}

pub(super) async fn unknown_field(system: &System) -> Row {
    let row = Row::new(
        9,
        "a JSON field that does not exist",
        "200, and nothing was done",
    );
    let admin = system.admin().await;
    let [viewer, _] = two_users(system, &admin).await;
    let path = format!("/api/v1/auth/users/{viewer}");
    let (status, body) = admin.patch(&path, &json!({ "passwort": "x" })).await;
    let now = format!("{} names {:?}", status.as_u16(), field(&body));
    row.now(
        now,
        status == StatusCode::BAD_REQUEST && field(&body) == "passwort",
    )
}

pub(super) async fn query_over_path(system: &System) -> Row {
    let row = Row::new(11, "PATCH /users/A?user_id=B", "changed B");
    let admin = system.admin().await;
    let [viewer, worker] = two_users(system, &admin).await;
    let path = format!("/api/v1/auth/users/{viewer}?user_id={worker}");
    let (status, body) = admin.patch(&path, &json!({ "active": false })).await;
    let users = admin.read("/api/v1/auth/users").await;
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
