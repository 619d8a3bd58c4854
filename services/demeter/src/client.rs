//! A user of the system: speaks HTTP and JSON to the gateway, like the web app.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use reqwest::multipart::{Form, Part};
use reqwest::{ClientBuilder, Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_mins(1);
/// A count on a slow machine takes a while; far longer than this is a fault.
const COUNT_TIMEOUT: Duration = Duration::from_mins(10);
const POLL: Duration = Duration::from_millis(300);

/// A signed-in user.
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    access_token: String,
}

/// An answer that is not a success.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path} answered {status}: {message}")]
pub(crate) struct Refused {
    method: Method,
    path: String,
    status: StatusCode,
    message: String,
}

/// For the gateway that this process runs: its certificate, if it has one, names the
/// nursery's host, not the address at which it is reached here.
fn at_home() -> ClientBuilder {
    reqwest::Client::builder().tls_danger_accept_invalid_certs(true)
}

// === impl Client ===

impl Client {
    fn nobody(http: ClientBuilder, url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            http: http.timeout(TIMEOUT).build()?,
            url: url.trim_end_matches('/').to_owned(),
            access_token: String::new(),
        })
    }

    /// Signs in.
    pub(crate) async fn sign_in(url: &str, email: &str, password: &str) -> anyhow::Result<Self> {
        let client = Self::nobody(reqwest::Client::builder(), url)?;
        client.signed_in(email, password).await
    }

    /// Signs in at the gateway that this process runs.
    pub(crate) async fn sign_in_at_home(
        url: &str,
        email: &str,
        password: &str,
    ) -> anyhow::Result<Self> {
        let client = Self::nobody(at_home(), url)?;
        client.signed_in(email, password).await
    }

    /// Acts in a session that is there already, at the gateway that this process runs.
    pub(crate) fn in_session_at_home(
        url: &str,
        access_token: &SecretString,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            access_token: access_token.expose_secret().to_owned(),
            ..Self::nobody(at_home(), url)?
        })
    }

    async fn signed_in(mut self, email: &str, password: &str) -> anyhow::Result<Self> {
        let answer = self
            .post(
                "/api/v1/auth/login",
                &json!({ "email": email, "password": password }),
            )
            .await
            .with_context(|| format!("cannot sign in as {email}"))?;
        text(&answer, "access_token")?.clone_into(&mut self.access_token);
        Ok(self)
    }

    /// Ends the session.
    pub(crate) async fn sign_out(self) -> anyhow::Result<()> {
        self.post("/api/v1/auth/logout", &json!({})).await?;
        Ok(())
    }

    /// The `authorization` header.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.access_token)
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.json(Method::GET, path, self.request(&Method::GET, path))
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.json(
            Method::POST,
            path,
            self.request(&Method::POST, path).json(body),
        )
        .await
    }

    /// Creates a record, or leaves the one that is there already.
    pub(crate) async fn ensure(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        match self.post(path, body).await {
            Ok(_created) => Ok(()),
            Err(error) => match error.downcast_ref::<Refused>() {
                Some(refused) if refused.status == StatusCode::CONFLICT => Ok(()),
                _ => Err(error),
            },
        }
    }

    /// Uploads one photo as a web form does.
    pub(crate) async fn upload(&self, filename: &str, bytes: Vec<u8>) -> anyhow::Result<Value> {
        let path = "/api/v1/photos/upload";
        let form = Form::new().part("file", Part::bytes(bytes).file_name(filename.to_owned()));
        let answer = self
            .json(
                Method::POST,
                path,
                self.request(&Method::POST, path).multipart(form),
            )
            .await?;
        answer["photos"]
            .get(0)
            .cloned()
            .ok_or_else(|| anyhow!("the photo was refused: {}", answer["rejected"]))
    }

    /// Polls a session until nothing more happens by itself.
    pub(crate) async fn until_done(&self, session: &str) -> anyhow::Result<Value> {
        let path = format!("/api/v1/photos/sessions/{session}/progress");
        let done = async {
            loop {
                let progress = self.get(&path).await?;
                if progress["done"] == true {
                    return anyhow::Ok(progress);
                }
                tokio::time::sleep(POLL).await;
            }
        };
        tokio::time::timeout(COUNT_TIMEOUT, done)
            .await
            .context("the photo was not counted in time")?
    }

    /// The bytes of a picture.
    pub(crate) async fn download(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self
            .request(&Method::GET, path)
            .send()
            .await?
            .error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }

    fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method.clone(), format!("{}{path}", self.url));
        if self.access_token.is_empty() {
            request
        } else {
            request.bearer_auth(&self.access_token)
        }
    }

    async fn json(
        &self,
        method: Method,
        path: &str,
        request: RequestBuilder,
    ) -> anyhow::Result<Value> {
        let answer = request
            .send()
            .await
            .with_context(|| format!("{} does not answer", self.url))?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(body);
        }
        let message = body["message"]
            .as_str()
            .unwrap_or("without a message")
            .to_owned();
        Err(Refused {
            method,
            path: path.to_owned(),
            status,
            message,
        }
        .into())
    }
}

/// A text field that has to be there.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> anyhow::Result<&'a str> {
    value[field]
        .as_str()
        .ok_or_else(|| anyhow!("the answer has no {field}"))
}

/// A whole number that has to be there; JSON carries 64-bit ones as text.
pub(crate) fn number(value: &Value, field: &str) -> anyhow::Result<i64> {
    let found = &value[field];
    let Some(number) = found.as_i64().or_else(|| found.as_str()?.parse().ok()) else {
        bail!("the answer has no {field}");
    };
    Ok(number)
}
