//! The gateway's files against the proto files, and the real Envoy: alone, and
//! in front of stand-ins that remember what reached them.

mod alone;
mod fields;
mod files;
mod lab;
mod requests;
mod standins;
mod strict;

use std::path::PathBuf;

use demeter_config::Env;
use reqwest::{Client, Method};
use serde_json::Value;

use super::{Gateway, Options, find_envoy};

/// The real Envoy, or a line that says what is skipped.
fn envoy() -> Option<PathBuf> {
    match find_envoy(&Env::from_process()) {
        Ok(path) => Some(path),
        Err(error) => {
            demeter_testkit::skip(demeter_testkit::Lack::NotPrepared, &error.to_string());
            None
        }
    }
}

/// Nothing set but these origins of web apps.
fn options(cors_origins: &str) -> Options {
    Options::from_env(&Env::from_pairs([("GATEWAY_CORS_ORIGINS", cors_origins)])).unwrap()
}

async fn call(
    gateway: &Gateway,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> reqwest::Response {
    let url = format!("http://{}{path}", gateway.address());
    let mut request = Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn json_of(response: reqwest::Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}
