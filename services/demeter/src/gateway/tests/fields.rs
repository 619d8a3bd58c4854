//! Which fields a request may have, and where.

use futures::StreamExt as _;
use reqwest::{Client, Method};
use serde_json::json;

use super::json_of;
use super::lab::{Lab, refusal, signed_in};

const USER: &str = "/api/v1/auth/users/0190a8f0-0000-7000-8000-000000000001";
const BATCHES: &str = "/api/v1/stock/batches";

/// Calls (method, path, query, body), and the field that each is refused for.
const REFUSED_FOR_A_FIELD: [(&str, &str, &str, &str, &str); 17] = [
    (
        "POST",
        BATCHES,
        "",
        r#"{"quantity": 1, "colour": "red"}"#,
        "colour",
    ),
    ("POST", BATCHES, "", r"{quantity: 1}", "body"),
    (
        "POST",
        "/api/v1/stock/batches/",
        "",
        r#"{"colour": "red"}"#,
        "colour",
    ),
    (
        "POST",
        BATCHES,
        "",
        r#"{"notes": "x", "notes": "y"}"#,
        "notes",
    ),
    ("POST", BATCHES, "?notes=x", "{}", "notes"),
    ("GET", BATCHES, "?page_size=1&pageSize=2", "", "page_size"),
    ("GET", BATCHES, "?page%5Fsize=1", "", "page%5Fsize"),
    ("GET", BATCHES, "", r#"{"page_size": 1}"#, "page_size"),
    (
        "GET",
        "/api/v1/stock/batches/0190a8f0-0000-7000-8000-000000000001",
        "?batch_id=another",
        "",
        "batch_id",
    ),
    (
        "PATCH",
        USER,
        "",
        r#"{"password": "correct-horse"}"#,
        "password",
    ),
    ("PATCH", USER, "", r#"{"userId": "another"}"#, "userId"),
    ("PATCH", USER, "?user_id=another", "{}", "user_id"),
    ("PATCH", USER, "?userId=another", "{}", "userId"),
    (
        "POST",
        "/api/v1/auth/users",
        "?role=ROLE_ADMIN",
        "{}",
        "role",
    ),
    (
        "POST",
        "/api/v1/auth/login",
        "?password=correct-horse",
        r#"{"email": "anna@example"}"#,
        "password",
    ),
    (
        "POST",
        "/api/v1/auth/refresh",
        "?refreshToken=correct-horse",
        "",
        "refreshToken",
    ),
    (
        "POST",
        "/api/v1/photos/upload",
        "?file.data=AAAA",
        "x",
        "file.data",
    ),
];

#[tokio::test]
async fn fields_that_are_unknown_or_belong_elsewhere_are_refused_by_name() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let client = Client::builder().no_proxy().build().unwrap();
    for (method, path, query, body, field) in REFUSED_FOR_A_FIELD {
        let what = format!("{method} {path}{query} {body}");
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = client.request(method, lab.url(&format!("{path}{query}")));
        let request = request.header("authorization", signed_in()).body(body);
        let response = request.send().await.unwrap();

        let status = response.status().as_u16();
        let answer = json_of(response).await;

        assert_eq!(status, 400, "{what}: {answer}");
        assert_eq!(answer["code"], json!(3), "{answer}");
        let violation = &answer["details"][1]["field_violations"][0];
        assert_eq!(violation["field"], json!(field), "{what}: {answer}");
        assert!(!answer.to_string().contains("correct-horse"), "{answer}");
    }
    assert!(
        lab.standins
            .never("/demeter.stock.v1.BatchService/CreateBatch")
    );
    assert!(lab.standins.never("/demeter.auth.v1.SessionService/Login"));
}

/// A body has no say before its sender has.
#[tokio::test]
async fn without_a_token_a_body_is_not_read() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let response = lab
        .post("/api/v1/stock/batches", &[], r#"{"colour": 1}"#)
        .await;
    assert_eq!(refusal(response).await, (401, "BAD_TOKEN".to_owned()));
}

/// Pieces that come one after another, and a field that nobody knows in the last.
#[tokio::test]
async fn a_body_in_pieces_is_read_to_its_end() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    let token = signed_in();
    let headers = [("authorization", token.as_str())];
    let pieces = [
        "{\"notes\": \"begins",
        " and ends\\",
        "\" still\", \"col",
        "our\": 1}",
    ];
    let body = futures::stream::iter(pieces).then(async |piece| {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        Ok::<_, std::io::Error>(piece)
    });
    let body = reqwest::Body::wrap_stream(body);
    let response = lab.post("/api/v1/stock/batches", &headers, body).await;
    // Its headers may have gone on to the service by then. A message without an end
    // is none, so the call is not made.
    assert_eq!(refusal(response).await, (400, "INVALID_FIELD".to_owned()));
}

#[tokio::test]
async fn fields_go_by_both_their_names_and_lists_repeat() {
    let Some(lab) = Lab::start().await else {
        return;
    };
    for query in ["page_size=5", "pageSize=5&pageToken=", "", "&"] {
        let response = lab.get(&format!("/api/v1/stock/batches?{query}")).await;
        assert_eq!(response.status().as_u16(), 200, "{query}");
    }
    for body in [
        r#"{"email":"anna@example","password":"x"}"#,
        " {\"email\":\"a\" , \"password\":\"{\\\"b\\\":1}\"} ",
    ] {
        let response = lab.post("/api/v1/auth/login", &[], body).await;
        assert_eq!(response.status().as_u16(), 200, "{body}");
    }
}
