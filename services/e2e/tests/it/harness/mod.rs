//! Starts the system as an operator does, and speaks to it as a user does.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use demeter_grpc::{Credentials, Files, Mesh};
use demeter_testkit::{Lack, skip};
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ports::Ports;

const STEP: Duration = Duration::from_millis(200);
const ADMIN: &str = "admin@demeter.local";

/// Where a system keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// SQLite, local objects, in-process wake-ups.
    Embedded,
    /// PostgreSQL, Redis and an S3-compatible store.
    Servers,
}

/// A running system; it ends when this goes.
pub(crate) struct System {
    child: Child,
    url: String,
    ports: Ports,
    ready: String,
    password: String,
    data: PathBuf,
    column: Vec<(String, String)>,
    folder: Option<TempDir>,
}

/// A user who is signed in.
#[derive(Clone)]
pub(crate) struct User {
    http: reqwest::Client,
    url: String,
    pub(crate) token: String,
}

/// The binary and Envoy, or a line that says what is missing.
pub(crate) fn programs() -> Option<(PathBuf, PathBuf)> {
    let beside = || {
        Some(
            std::env::current_exe()
                .ok()?
                .parent()?
                .parent()?
                .join("demeter"),
        )
    };
    let binary = variable("DEMETER_BINARY")
        .map(PathBuf::from)
        .or_else(beside)
        .filter(|path| path.exists());
    let home = variable("HOME").unwrap_or_default();
    let envoy = variable("DEMETER_ENVOY")
        .unwrap_or_else(|| format!("{home}/.cache/demeter/tools/envoy-1.40.0/envoy"));
    let envoy = Some(PathBuf::from(envoy)).filter(|path| path.exists());
    if binary.is_none() || envoy.is_none() {
        skip(
            Lack::NotPrepared,
            "the whole system, because its binary or Envoy is not there",
        );
    }
    binary.zip(envoy)
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests take their programs and servers from the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

// === impl System ===

impl System {
    /// Starts a fresh system with the demo nursery but without its photo's count
    /// being waited for; `None`, with a line, when a program or server is missing.
    pub(crate) async fn start(column: Column) -> Option<Self> {
        let settings = match column {
            Column::Embedded => Vec::new(),
            Column::Servers => servers().await?,
        };
        programs()?;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        Some(Self::start_on(&data, settings, Some(folder)))
    }

    fn start_on(data: &Path, column: Vec<(String, String)>, folder: Option<TempDir>) -> Self {
        let ports = Ports::take();
        let mut child = up(data, &ports, &column).spawn().unwrap();
        let (ready, password) = ready(&mut child);
        let url = format!("http://127.0.0.1:{}", ports.base);
        Self {
            child,
            url,
            ports,
            ready,
            password,
            data: data.to_owned(),
            column,
            folder,
        }
    }

    /// Kills the process without warning, as a power cut would, and starts the
    /// system again on the same data.
    pub(crate) fn kill_and_restart(mut self) -> Self {
        self.kill();
        Self::start_on(&self.data.clone(), self.column.clone(), self.folder.take())
    }

    /// As [`Self::kill_and_restart`], but the system that takes requests now will
    /// have its power cut at `point` of the photo service.
    pub(crate) fn restart_until(mut self, point: &str) -> Self {
        self.kill();
        let column = [self.column.clone(), vec![power_cut(point)]].concat();
        let mut cut = Self::start_on(&self.data.clone(), column, self.folder.take());
        cut.column.clone_from(&self.column);
        cut
    }

    /// Waits until the power has been cut.
    pub(crate) async fn until_cut(&mut self) {
        until_cut(&mut self.child).await;
    }

    /// Starts the system once more on the same data, and waits until the power is
    /// cut at `point`, be that before it takes requests.
    pub(crate) async fn live_until(&self, point: &str) {
        let column = [self.column.clone(), vec![power_cut(point)]].concat();
        let mut child = up(&self.data, &Ports::take(), &column).spawn().unwrap();
        until_cut(&mut child).await;
    }

    /// Ends the process as Ctrl-C does; whether it ended well.
    pub(crate) fn interrupt(mut self) -> bool {
        self.signal("-INT");
        self.child.wait().unwrap().success()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        Command::new("kill").args([name, &pid]).status().unwrap();
    }

    fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Where the gateway listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The ops page of a service: 0 auth, 1 stock, 2 photo, 3 inference.
    pub(crate) fn ops(&self, service: u16, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports.base + 21 + service)
    }

    /// Where a service listens inside the mesh: 0 auth to 3 inference.
    pub(crate) fn grpc(&self, service: u16) -> String {
        format!("127.0.0.1:{}", self.ports.base + 11 + service)
    }

    /// A page of Envoy's own.
    pub(crate) fn gateway_admin(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports.base + 1)
    }

    /// The certificates of the mesh: a folder for each member.
    pub(crate) fn certificates(&self) -> PathBuf {
        self.data.join("secrets/mesh")
    }

    /// The mesh, to whoever has the certificate of this member of it.
    pub(crate) fn member(&self, name: &str) -> Mesh {
        mesh_of(&self.certificates().join(name))
    }

    /// The line that said that it is ready.
    pub(crate) fn ready_line(&self) -> &str {
        &self.ready
    }

    /// The administrator's password.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// The gateway's port.
    pub(crate) fn gateway_port(&self) -> u16 {
        self.ports.base
    }

    /// The folder that holds what has to stay.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Bytes of memory that Envoy holds.
    pub(crate) async fn gateway_memory(&self) -> u64 {
        let url = format!("http://127.0.0.1:{}/memory", self.ports.base + 1);
        let memory = reqwest::get(url).await.unwrap().text().await.unwrap();
        let memory: Value = serde_json::from_str(&memory).unwrap();
        let bytes = memory["total_physical_bytes"].as_str().unwrap();
        bytes.parse().unwrap()
    }

    /// Bytes of memory that the services hold.
    pub(crate) fn memory(&self) -> u64 {
        let path = format!("/proc/{}/statm", self.child.id());
        let pages = std::fs::read_to_string(path).unwrap();
        let resident: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
        resident * 4096
    }

    /// The administrator.
    pub(crate) async fn admin(&self) -> User {
        User::sign_in(&self.url, ADMIN, &self.password).await
    }

    /// A new user with a role, for example `ROLE_VIEWER`.
    pub(crate) async fn user(&self, role: &str) -> User {
        let email = format!("{}@demeter.local", role.to_lowercase());
        let password = "correct-horse-battery";
        let body = json!({ "email": email, "password": password, "role": role });
        let created = self.admin().await.post("/api/v1/auth/users", &body).await;
        assert!(
            created.0.is_success() || created.0 == StatusCode::CONFLICT,
            "{created:?}"
        );
        User::sign_in(&self.url, &email, password).await
    }
}

impl Drop for System {
    /// Ends the system well, so that it ends its gateway too.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("-TERM");
            self.child.wait().ok();
        }
    }
}

/// The mesh, to whoever has the certificate in this folder.
pub(crate) fn mesh_of(folder: &Path) -> Mesh {
    let files = Files {
        certificate: folder.join("tls.crt"),
        key: folder.join("tls.key"),
        authority: folder.join("ca.crt"),
    };
    Mesh::Secured(Credentials::read(files).unwrap())
}

/// `demeter up` on these data and ports.
fn up(data: &Path, ports: &Ports, column: &[(String, String)]) -> Command {
    let (binary, envoy) = programs().unwrap();
    let mut command = Command::new(binary);
    for name in [
        "DATABASE_URL",
        "REDIS_URL",
        "S3_ENDPOINT",
        "S3_BUCKET",
        "DATA_DIR",
    ] {
        command.env_remove(name);
    }
    command
        .args(["up", "--port-base", &ports.base.to_string()])
        .arg("--data")
        .arg(data)
        .arg("--envoy")
        .arg(envoy)
        .envs(column.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    command
}

fn power_cut(point: &str) -> (String, String) {
    ("PHOTO_POWER_CUT".to_owned(), point.to_owned())
}

/// A lease of the life before lasts 15 s, and a count takes some more.
async fn until_cut(child: &mut Child) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
    while child.try_wait().unwrap().is_none() {
        if tokio::time::Instant::now() > deadline {
            child.kill().ok();
            panic!("the power was not cut; is it a debug build?");
        }
        tokio::time::sleep(STEP).await;
    }
}

/// Waits for the `ready:` line and takes the password from it, or from the file that
/// it names.
fn ready(child: &mut Child) -> (String, String) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines
        .find_map(|line| line.ok().filter(|line| line.starts_with("ready: ")))
        .expect("a ready line");
    let words = line.trim_end_matches(')');
    let password = match words.split_once(", password in ") {
        Some((_, file)) => std::fs::read_to_string(file).unwrap(),
        None => words.rsplit(" / ").next().unwrap().to_owned(),
    };
    (line, password)
}

async fn servers() -> Option<Vec<(String, String)>> {
    let names = [
        "REDIS_URL",
        "S3_ENDPOINT",
        "S3_BUCKET",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
    ];
    let mut settings = Vec::new();
    for name in names {
        let Some(value) = variable(name) else {
            skip(
                Lack::NotPrepared,
                &format!("the whole system on servers, because {name} is not set"),
            );
            return None;
        };
        settings.push((name.to_owned(), value));
    }
    let database = demeter_testkit::TestDatabase::postgres().await?;
    settings.push(("DATABASE_URL".to_owned(), database.url().to_owned()));
    Some(settings)
}

// === impl User ===

impl User {
    async fn sign_in(url: &str, email: &str, password: &str) -> Self {
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

/// The items of a list answer.
pub(crate) fn items(body: &Value, field: &str) -> Vec<Value> {
    body[field]
        .as_array()
        .cloned()
        .unwrap_or_else(|| panic!("no {field} in {body}"))
}

/// A whole number, which JSON carries as text when it has 64 bits.
pub(crate) fn whole(value: &Value) -> i64 {
    value
        .as_i64()
        .or_else(|| value.as_str()?.parse().ok())
        .unwrap_or_else(|| panic!("{value} is not a number"))
}

/// A file of the bundled demo.
pub(crate) fn demo(name: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../demeter/demo")
            .join(name),
    )
    .unwrap()
}

/// How many plants a bundled photo shows.
pub(crate) fn truth(name: &str) -> i64 {
    whole(&serde_json::from_slice::<Value>(&demo(name)).unwrap()["plants"])
}

/// A bundled photo without its EXIF block, and with it without its position.
pub(crate) fn without_position(name: &str) -> Vec<u8> {
    let picture = image::load_from_memory(&demo(name)).unwrap();
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}
