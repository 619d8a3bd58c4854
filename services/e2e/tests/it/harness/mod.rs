//! Starts the system as an operator does, and speaks to it as a user does.

mod apart;
mod names;
mod up;
mod user;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use demeter_grpc::{Credentials, Files, Mesh};
use demeter_testkit::{Lack, TestDatabase, skip};
use reqwest::StatusCode;
use serde_json::{Value, json};

use apart::Apart;
use up::Up;
pub(crate) use user::User;

const STEP: Duration = Duration::from_millis(200);
pub(crate) const ADMIN: &str = "admin@demeter.local";
/// Everybody's but the administrator's.
pub(crate) const USERS_PASSWORD: &str = "correct-horse-battery";
/// The settings of the servers that production has beside PostgreSQL.
const SERVERS: [&str; 6] = [
    "REDIS_URL",
    "S3_ENDPOINT",
    "S3_BUCKET",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
];

/// Variables and their values.
type Settings = Vec<(String, String)>;

/// A running system with the demo nursery; it ends when this goes.
pub(crate) struct System {
    parts: Parts,
}

enum Parts {
    Together(Up),
    Apart(Apart),
}

/// Declares a test once for each of the systems that it names: [`on_defaults`],
/// [`on_servers`], [`four_processes`].
macro_rules! on {
    ($test:ident: $($system:ident),+) => {
        mod $test {
            $(
                #[tokio::test]
                async fn $system() {
                    if let Some(mut system) = crate::harness::$system().await {
                        super::$test(&mut system).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use on;

/// `demeter up` as it comes: SQLite, local objects, in-process wake-ups. `None`,
/// with a line, when a program is missing.
pub(crate) async fn on_defaults() -> Option<System> {
    programs()?;
    Some(System {
        parts: Parts::Together(Up::start(Vec::new())),
    })
}

/// `demeter up` on PostgreSQL, Redis and an S3-compatible store. `None`, with a
/// line, when a program or server is missing.
pub(crate) async fn on_servers() -> Option<System> {
    programs()?;
    let settings = servers().await?;
    Some(System {
        parts: Parts::Together(Up::start(settings)),
    })
}

/// Each service a process of its own, and Envoy, as in production. `None`, with a
/// line, when a program or server is missing.
pub(crate) async fn four_processes() -> Option<System> {
    apart([1; 4]).await
}

/// As [`four_processes`], but two processes of stock and two of inference share
/// their service's name.
pub(crate) async fn twins() -> Option<System> {
    apart([1, 2, 1, 2]).await
}

async fn apart(processes: [u8; 4]) -> Option<System> {
    programs()?;
    let settings = servers().await?;
    Some(System {
        parts: Parts::Apart(Apart::start(settings, processes).await),
    })
}

/// The operator's binary and Envoy, or a line that says what is missing. The
/// services' binaries are beside the operator's.
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

/// A database of the test's own, and the other servers.
async fn servers() -> Option<Settings> {
    let mut settings = Vec::new();
    for name in SERVERS {
        let Some(value) = variable(name) else {
            skip(
                Lack::NotPrepared,
                &format!("the whole system on servers, because {name} is not set"),
            );
            return None;
        };
        settings.push((name.to_owned(), value));
    }
    let database = TestDatabase::postgres().await?;
    settings.push(("DATABASE_URL".to_owned(), database.url().to_owned()));
    Some(settings)
}

// === impl System ===

impl System {
    /// Kills every process without warning, as a power cut would, and starts the
    /// system again on the same data.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.restart(None).await;
    }

    /// As [`Self::kill_and_restart`], but the system that takes requests now will
    /// have its power cut at `point` of the photo service: all of it where it is
    /// one process, else that service's process.
    pub(crate) async fn restart_until(&mut self, point: &str) {
        self.restart(Some(point)).await;
    }

    async fn restart(&mut self, cut: Option<&str>) {
        match &mut self.parts {
            Parts::Together(up) => up.restart(cut),
            Parts::Apart(apart) => apart.restart(cut).await,
        }
    }

    /// Waits until the power has been cut.
    pub(crate) async fn until_cut(&mut self) {
        match &mut self.parts {
            Parts::Together(up) => until_ended(up.process()).await,
            Parts::Apart(apart) => until_ended(apart.photo()).await,
        }
    }

    /// Starts what was cut once more on the same data, and waits until the power is
    /// cut at `point`, be that before it takes requests.
    pub(crate) async fn live_until(&mut self, point: &str) {
        match &mut self.parts {
            Parts::Together(up) => up.start_process(point),
            Parts::Apart(apart) => apart.spawn_photo(point),
        }
        self.until_cut().await;
    }

    /// Ends the system as Ctrl-C does; whether it ended well.
    pub(crate) fn interrupt(&mut self) -> bool {
        match &mut self.parts {
            Parts::Together(up) => ends_well(up.process()),
            Parts::Apart(apart) => apart.interrupt(),
        }
    }

    /// Freezes the first process of a service: it takes calls and answers none.
    pub(crate) fn freeze_first(&mut self, service: usize) {
        match &mut self.parts {
            Parts::Together(_) => panic!("a service is no process there"),
            Parts::Apart(apart) => apart.freeze_first(service),
        }
    }

    /// Kills the first process of a service: 0 auth to 3 inference.
    pub(crate) fn kill_first(&mut self, service: usize) {
        match &mut self.parts {
            Parts::Together(_) => panic!("a service is no process there"),
            Parts::Apart(apart) => apart.kill_first(service),
        }
    }

    /// Starts a process where [`Self::kill_first`] ended one; it is ready.
    pub(crate) async fn start_first(&mut self, service: usize) {
        match &mut self.parts {
            Parts::Together(_) => panic!("a service is no process there"),
            Parts::Apart(apart) => apart.start_first(service).await,
        }
    }

    /// Where the gateway listens.
    pub(crate) fn url(&self) -> String {
        match &self.parts {
            Parts::Together(up) => up.url(),
            Parts::Apart(apart) => apart.url(),
        }
    }

    /// A page for operators, of each process of a service: 0 auth, 1 stock, 2
    /// photo, 3 inference.
    pub(crate) fn ops(&self, service: usize, path: &str) -> Vec<String> {
        let origins = match &self.parts {
            Parts::Together(up) => vec![up.ops(service)],
            Parts::Apart(apart) => apart.ops(service),
        };
        let pages = origins.into_iter().map(|origin| format!("{origin}{path}"));
        pages.collect()
    }

    /// Where a service listens inside the mesh, host and port: 0 auth to 3 inference.
    pub(crate) fn grpc(&self, service: usize) -> String {
        match &self.parts {
            Parts::Together(up) => up.grpc(service),
            Parts::Apart(apart) => apart.grpc(service),
        }
    }

    /// The gateway's port.
    pub(crate) fn gateway_port(&self) -> u16 {
        match &self.parts {
            Parts::Together(up) => up.ports().base,
            Parts::Apart(apart) => apart.ports().base,
        }
    }

    /// A page of Envoy's own.
    pub(crate) fn gateway_admin(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.gateway_port() + 1)
    }

    /// Bytes of memory that Envoy holds.
    pub(crate) async fn gateway_memory(&self) -> u64 {
        let memory = reqwest::get(self.gateway_admin("/memory")).await.unwrap();
        let memory: Value = serde_json::from_str(&memory.text().await.unwrap()).unwrap();
        let bytes = memory["total_physical_bytes"].as_str().unwrap();
        bytes.parse().unwrap()
    }

    /// The certificates of the mesh: a folder for each member.
    pub(crate) fn certificates(&self) -> PathBuf {
        match &self.parts {
            Parts::Together(up) => up.data().join("secrets/mesh"),
            Parts::Apart(apart) => apart.certificates(),
        }
    }

    /// The mesh, to whoever has the certificate of this member of it.
    pub(crate) fn member(&self, name: &str) -> Mesh {
        mesh_of(&self.certificates().join(name))
    }

    /// The line that said that `demeter up` is ready.
    pub(crate) fn ready_line(&self) -> &str {
        self.together().ready_line()
    }

    /// The folder that holds what `demeter up` has to keep.
    pub(crate) fn data(&self) -> PathBuf {
        self.together().data()
    }

    /// Bytes of memory that the services hold.
    pub(crate) fn memory(&self) -> u64 {
        match &self.parts {
            Parts::Together(up) => up.memory(),
            Parts::Apart(apart) => apart.memory(),
        }
    }

    /// A key of the system by the name of its file, for example `jwt.pem`.
    pub(crate) fn secret(&self, name: &str) -> String {
        let folder = match &self.parts {
            Parts::Together(up) => up.data().join("secrets"),
            Parts::Apart(apart) => apart.secrets(),
        };
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        text.trim().to_owned()
    }

    /// Whether it is `demeter up` rather than a process for each service, which run
    /// with the settings of production.
    pub(crate) fn is_together(&self) -> bool {
        matches!(self.parts, Parts::Together(_))
    }

    fn together(&self) -> &Up {
        match &self.parts {
            Parts::Together(up) => up,
            Parts::Apart(_) => panic!("only `demeter up` has it"),
        }
    }

    /// The administrator's password.
    pub(crate) fn password(&self) -> &str {
        match &self.parts {
            Parts::Together(up) => up.password(),
            Parts::Apart(_) => apart::PASSWORD,
        }
    }

    /// Someone without a token, who calls from another address of this machine.
    pub(crate) fn stranger(&self, address: Ipv4Addr) -> User {
        User::nobody_at(&self.url(), address)
    }

    /// The administrator.
    pub(crate) async fn admin(&self) -> User {
        User::sign_in(&self.url(), ADMIN, self.password()).await
    }

    /// A new user with a role, for example `ROLE_VIEWER`.
    pub(crate) async fn user(&self, role: &str) -> User {
        let email = format!("{}@demeter.local", role.to_lowercase());
        let body = json!({ "email": email, "password": USERS_PASSWORD, "role": role });
        let created = self.admin().await.post("/api/v1/auth/users", &body).await;
        assert!(
            created.0.is_success() || created.0 == StatusCode::CONFLICT,
            "{created:?}"
        );
        User::sign_in(&self.url(), &email, USERS_PASSWORD).await
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

/// A lease of the life before lasts 15 s, and a count takes some more.
async fn until_ended(child: &mut Child) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
    while child.try_wait().unwrap().is_none() {
        if tokio::time::Instant::now() > deadline {
            child.kill().ok();
            panic!("the power was not cut; is it a debug build?");
        }
        tokio::time::sleep(STEP).await;
    }
}

/// Interrupts a process and waits for its end.
fn ends_well(child: &mut Child) -> bool {
    signal(child, "-INT");
    child.wait().unwrap().success()
}

/// Bytes of memory that a process holds.
fn resident(child: &Child) -> u64 {
    const PAGE: u64 = 4096;
    let path = format!("/proc/{}/statm", child.id());
    let pages = std::fs::read_to_string(path).unwrap();
    let resident: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    resident * PAGE
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    Command::new("kill").args([name, &pid]).status().unwrap();
}

fn kill(child: &mut Child) {
    child.kill().ok();
    child.wait().ok();
}

/// The setting that has the photo service end at a point of its work.
fn power_cut(point: &str) -> (String, String) {
    ("PHOTO_POWER_CUT".to_owned(), point.to_owned())
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
