//! A user, who speaks to the gateway over HTTP as a web app does.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::items;

const STEP: Duration = Duration::from_millis(200);

/// A user who is signed in.
#[derive(Clone)]
pub(crate) struct User {
    http: reqwest::Client,
    url: String,
    pub(crate) token: String,
}

// === impl User ===

impl User {
    pub(crate) async fn sign_in(url: &str, email: &str, password: &str) -> Self {
        let mut user = Self::nobody(url);
        let (status, body) = user
            .post(
                "/api/v1/auth/login",
                &json!({ "email": email, "password": password }),
            )
            .await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut user.token);
        user
    }

    /// Someone without a token.
    pub(crate) fn nobody(url: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: url.to_owned(),
            token: String::new(),
        }
    }

    /// Someone without a token, at this address.
    pub(super) fn nobody_at(url: &str, address: Ipv4Addr) -> Self {
        let http = reqwest::Client::builder().local_address(IpAddr::from(address));
        Self {
            http: http.build().unwrap(),
            ..Self::nobody(url)
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        decode(
            self.send(self.http.get(format!("{}{path}", self.url)))
                .await,
        )
        .await
    }

    /// A GET that has to succeed.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        decode(
            self.send(self.http.post(format!("{}{path}", self.url)).json(body))
                .await,
        )
        .await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        decode(
            self.send(self.http.patch(format!("{}{path}", self.url)).json(body))
                .await,
        )
        .await
    }

    /// A POST that may break off, to its end.
    pub(crate) async fn try_post(&self, path: &str, body: &Value) {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        let sent = request.bearer_auth(&self.token).send().await;
        if let Ok(response) = sent {
            response.bytes().await.ok();
        }
    }

    /// An upload of a photo's bytes that may break off.
    pub(crate) async fn try_upload(&self, bytes: Vec<u8>) -> reqwest::Result<Response> {
        let url = format!("{}/api/v1/photos/upload", self.url);
        let request = self.http.post(url).header("content-type", "image/jpeg");
        let request = request.body(bytes).bearer_auth(&self.token);
        request.send().await
    }

    pub(crate) async fn raw(&self, path: &str) -> Response {
        self.send(self.http.get(format!("{}{path}", self.url)))
            .await
    }

    /// Uploads a file as a web form; `query` may name the location.
    pub(crate) async fn upload(
        &self,
        name: &str,
        bytes: Vec<u8>,
        query: &str,
    ) -> (StatusCode, Value) {
        let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
        let url = format!("{}/api/v1/photos/upload{query}", self.url);
        decode(self.send(self.http.post(url).multipart(form)).await).await
    }

    /// Uploads bytes as they are.
    pub(crate) async fn upload_raw(
        &self,
        content_type: &str,
        bytes: Vec<u8>,
        query: &str,
    ) -> (StatusCode, Value) {
        let url = format!("{}/api/v1/photos/upload{query}", self.url);
        let request = self
            .http
            .post(url)
            .header("content-type", content_type)
            .body(bytes);
        decode(self.send(request).await).await
    }

    /// Uploads a file that has to be taken; its session.
    pub(crate) async fn take(&self, name: &str, bytes: Vec<u8>, query: &str) -> String {
        let (status, body) = self.upload(name, bytes, query).await;
        assert!(status.is_success(), "{status} {body}");
        body["photos"][0]["session_id"].as_str().unwrap().to_owned()
    }

    /// Waits until nothing more happens to a session by itself.
    pub(crate) async fn finished(&self, session: &str) -> Value {
        loop {
            let progress = self
                .read(&format!("/api/v1/photos/sessions/{session}/progress"))
                .await;
            if progress["done"] == true {
                return progress;
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// The key of a location by its code.
    pub(crate) async fn location(&self, code: &str) -> i64 {
        let warehouses = self.read("/api/v1/locations/warehouses").await;
        for warehouse in items(&warehouses, "warehouses") {
            let path = format!(
                "/api/v1/locations/warehouses/{}/areas",
                warehouse["warehouse_id"]
            );
            for area in items(&self.read(&path).await, "storage_areas") {
                let path = format!(
                    "/api/v1/locations/areas/{}/locations",
                    area["storage_area_id"]
                );
                let locations = self.read(&path).await;
                let found = items(&locations, "storage_locations")
                    .into_iter()
                    .find(|place| place["code"] == code);
                if let Some(found) = found {
                    return found["storage_location_id"].as_i64().unwrap();
                }
            }
        }
        panic!("there is no location {code}");
    }

    /// Plants in a location now.
    pub(crate) async fn plants_in(&self, location: i64) -> i64 {
        let place = self
            .read(&format!("/api/v1/locations/locations/{location}"))
            .await;
        place["storage_location"]["current_quantity"]
            .as_i64()
            .unwrap()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Response {
        let request = if self.token.is_empty() {
            request
        } else {
            request.bearer_auth(&self.token)
        };
        request.send().await.unwrap()
    }
}

async fn decode(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}
