//! What the system refuses, and how it says so.

use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{System, User, demo, items, on};

fn reason(body: &Value) -> &str {
    let details = body["details"].as_array().map_or(&[][..], Vec::as_slice);
    details
        .iter()
        .find_map(|detail| detail["reason"].as_str())
        .unwrap_or_default()
}

/// Every refusal has one shape: `code`, `message`, `details` with a reason.
fn assert_documented(status: StatusCode, body: &Value) {
    assert!(status.is_client_error(), "{status} {body}");
    assert!(
        body["code"].is_number() && body["message"].is_string() && body["details"].is_array(),
        "{status} {body}"
    );
    assert!(!reason(body).is_empty(), "no reason in {body}");
}

on!(nobody_gets_in_without_a_token_and_a_viewer_cannot_upload: on_defaults, four_processes);
async fn nobody_gets_in_without_a_token_and_a_viewer_cannot_upload(system: &System) {
    let (status, body) = User::nobody(&system.url())
        .get("/api/v1/stock/batches")
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_documented(status, &body);

    let viewer = system.user("ROLE_VIEWER").await;
    assert_eq!(viewer.get("/api/v1/stock/batches").await.0, StatusCode::OK);
    let (status, body) = viewer.upload("bed.jpg", demo("bed.jpg"), "").await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    assert_documented(status, &body);

    let mut forged = viewer.clone();
    forged.token = format!("{}x", viewer.token);
    assert_eq!(
        forged.get("/api/v1/stock/batches").await.0,
        StatusCode::UNAUTHORIZED
    );
    signing_out_ends_the_session(&viewer).await;
}

// Everybody here comes from one address, where the administrator has signed in.
on!(guessing_is_slowed_down_and_holds_up_neither_its_victim_nor_a_start: on_defaults);
async fn guessing_is_slowed_down_and_holds_up_neither_its_victim_nor_a_start(system: &mut System) {
    system.admin().await;
    let nobody = User::nobody(&system.url());
    let guess = async |email: &str| {
        let body = serde_json::json!({"email": email, "password": "a guess"});
        nobody.post("/api/v1/auth/login", &body).await
    };

    for _ in 0..6 {
        let (status, body) = guess("admin@demeter.local").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    }
    for _ in 0..5 {
        let (status, body) = guess("ana@demeter.local").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    }
    let refused = reqwest::Client::new()
        .post(format!("{}/api/v1/auth/login", system.url()))
        .json(&serde_json::json!({"email": "ana@demeter.local", "password": "a guess"}))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds = refused.headers()["retry-after"].to_str().unwrap();
    assert!(seconds.parse::<u64>().unwrap() >= 1, "{seconds}");
    assert_eq!(reason(&refused.json().await.unwrap()), "TOO_MANY_ATTEMPTS");

    system.kill_and_restart().await;
    system.admin().await;
}

async fn signing_out_ends_the_session(viewer: &User) {
    let (status, body) = viewer
        .post("/api/v1/auth/logout", &serde_json::json!({}))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (status, body) = viewer.get("/api/v1/auth/me").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
}

on!(files_that_are_no_photos_are_refused_and_leave_nothing: on_defaults, four_processes);
async fn files_that_are_no_photos_are_refused_and_leave_nothing(system: &System) {
    let worker = system.user("ROLE_WORKER").await;
    let before = items(&worker.read("/api/v1/photos/gallery").await, "photos").len();
    let whole_photo = demo("bed.jpg");
    let cases: [(&str, Vec<u8>, &str); 4] = [
        (
            "text.jpg",
            b"this is not a picture".to_vec(),
            "UNSUPPORTED_FORMAT",
        ),
        ("empty.jpg", Vec::new(), "EMPTY_BODY"),
        (
            "half.jpg",
            whole_photo[..whole_photo.len() / 2].to_vec(),
            "UNREADABLE_IMAGE",
        ),
        ("huge.png", png_header(30_000, 30_000), "TOO_MANY_PIXELS"),
    ];
    for (name, bytes, expected) in cases {
        let (status, body) = worker.upload(name, bytes, "").await;
        assert_documented(status, &body);
        assert_eq!(reason(&body), expected, "{name}: {body}");
    }

    let (status, body) = worker.upload_raw("image/jpeg", Vec::new(), "").await;
    assert_documented(status, &body);
    let (status, body) = worker.upload("big.jpg", vec![0xff; 21 << 20], "").await;
    assert_documented(status, &body);
    let (status, body) = worker
        .upload("bed.jpg", whole_photo, "?storage_location_id=999999")
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{body}");
    assert_eq!(
        items(&worker.read("/api/v1/photos/gallery").await, "photos").len(),
        before
    );
}

/// A PNG that says it is large, and ends where its pixels begin.
pub(crate) fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\r".to_vec();
    bytes.extend(&chunk);
    bytes.extend(crc32(&chunk).to_be_bytes());
    bytes.extend(b"\0\0\x10\0IDAT");
    bytes
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

on!(hostile_photos_are_refused_or_counted_and_the_system_stays_up: on_defaults, four_processes);
async fn hostile_photos_are_refused_or_counted_and_the_system_stays_up(system: &System) {
    let Some(folder) = demeter_testkit::shared_file("photos/hostile") else {
        return;
    };
    let worker = system.user("ROLE_WORKER").await;

    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (status, body) = worker
            .upload("photo.jpg", std::fs::read(&path).unwrap(), "")
            .await;
        if status.is_success() {
            let session = body["photos"][0]["session_id"].as_str().unwrap().to_owned();
            worker.finished(&session).await;
        } else {
            assert_documented(status, &body);
        }
    }

    assert_eq!(worker.get("/api/v1/stock/batches").await.0, StatusCode::OK);
}

on!(bad_input_names_the_field: on_defaults, four_processes);
async fn bad_input_names_the_field(system: &System) {
    let worker = system.user("ROLE_WORKER").await;

    let movement = serde_json::json!({ "request_id": "no-uuid", "batch_id": "x", "quantity": 0 });
    let (status, body) = worker.post("/api/v1/stock/movements", &movement).await;

    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_documented(status, &body);
    let text = body.to_string();
    for field in ["request_id", "batch_id", "quantity", "movement_type"] {
        assert!(text.contains(field), "{field} is not named in {text}");
    }
    let (status, body) = worker
        .get("/api/v1/locations/search?longitude=500&latitude=1")
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    let (status, body) = worker.get("/api/v1/no/such/path").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_documented(status, &body);
}
