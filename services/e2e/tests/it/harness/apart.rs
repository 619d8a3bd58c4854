//! Each service as a process of its own, set up by the commands that an operator
//! has, with the settings of production and nothing else in its environment.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::names::Names;
use super::{ADMIN, STEP, Settings, ends_well, kill, power_cut, programs, resident, signal};
use crate::ports::Ports;

pub(super) const SERVICES: [&str; 4] = ["auth", "stock", "photo", "inference"];
pub(super) const GRPC: [u16; 4] = [50051, 50052, 50053, 50054];
pub(super) const OPS: [u16; 4] = [9051, 9052, 9053, 9054];
/// The administrator's.
pub(super) const PASSWORD: &str = "a-first-administrator";

const PHOTO: usize = 2;
/// The folder of what the members of the mesh show each other.
const CERTIFICATES: &str = "certificates";
/// Where a container has the gateway's files.
const GATEWAY_FOLDER: &str = "/etc/demeter";
/// Five processes of a debug build, on two cores that others use too.
const START_LIMIT: Duration = Duration::from_mins(2);

/// Four services or more, and a gateway.
pub(super) struct Apart {
    site: Site,
    services: Vec<Process>,
    gateway: Child,
}

/// One process of a service.
struct Process {
    service: usize,
    address: Ipv4Addr,
    child: Child,
}

/// What stays when processes go.
struct Site {
    ports: Ports,
    names: Names,
    /// Where PostgreSQL, Redis and the objects are.
    servers: Settings,
    folder: TempDir,
}

// === impl Apart ===

impl Apart {
    /// Prepares tables, administrator and gateway, starts `processes` of each
    /// service, and fills the nursery.
    pub(super) async fn start(servers: Settings, processes: [u8; 4]) -> Self {
        let site = Site::prepare(servers, processes);
        let (services, gateway) = site.start(None);
        let system = Self {
            site,
            services,
            gateway,
        };
        system.until_ready().await;
        system
            .site
            .operate(&["import", "demo", "--url", &system.url()]);
        system
    }

    /// Kills every process and starts all again.
    pub(super) async fn restart(&mut self, cut: Option<&str>) {
        self.kill();
        (self.services, self.gateway) = self.site.start(cut);
        self.until_ready().await;
    }

    /// Starts the photo service again, to end at `point`.
    pub(super) fn spawn_photo(&mut self, point: &str) {
        self.spawn_first(PHOTO, Some(point));
    }

    /// Starts the first process of a service again.
    pub(super) async fn start_first(&mut self, service: usize) {
        self.spawn_first(service, None);
        self.until_ready().await;
    }

    fn spawn_first(&mut self, service: usize, cut: Option<&str>) {
        let address = self.first(service).address;
        *self.first(service) = self.site.spawn(service, address, cut);
    }

    /// The photo service's process.
    pub(super) fn photo(&mut self) -> &mut Child {
        &mut self.first(PHOTO).child
    }

    pub(super) fn freeze_first(&mut self, service: usize) {
        signal(&self.first(service).child, "-STOP");
    }

    pub(super) fn kill_first(&mut self, service: usize) {
        kill(&mut self.first(service).child);
    }

    /// Interrupts every service; whether all ended well.
    pub(super) fn interrupt(&mut self) -> bool {
        let ended = self.services.iter_mut();
        let ended: Vec<_> = ended.map(|process| ends_well(&mut process.child)).collect();
        ended.into_iter().all(|well| well)
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.site.ports.base)
    }

    pub(super) fn ports(&self) -> &Ports {
        &self.site.ports
    }

    /// A folder for each member of the mesh.
    pub(super) fn certificates(&self) -> PathBuf {
        self.site.path(CERTIFICATES).into()
    }

    /// The folder of the keys that the operator made.
    pub(super) fn secrets(&self) -> PathBuf {
        self.site.path("operator/secrets").into()
    }

    /// Bytes of memory that the processes of the services hold together.
    pub(super) fn memory(&self) -> u64 {
        let processes = self.services.iter();
        processes.map(|process| resident(&process.child)).sum()
    }

    pub(super) fn ops(&self, service: usize) -> Vec<String> {
        let processes = self.services.iter();
        let of_service = processes.filter(|process| process.service == service);
        of_service.map(Process::ops).collect()
    }

    pub(super) fn grpc(&self, service: usize) -> String {
        let address = self.site.names.addresses(service)[0];
        format!("{address}:{}", GRPC[service])
    }

    fn first(&mut self, service: usize) -> &mut Process {
        let mut processes = self.services.iter_mut();
        processes
            .find(|process| process.service == service)
            .expect("a process of every service")
    }

    /// Every process is ready, and the gateway finds them.
    async fn until_ready(&self) {
        for process in &self.services {
            until_ok(&format!("{}/readyz", process.ops())).await;
        }
        until_ok(&format!("{}/health", self.url())).await;
    }

    fn kill(&mut self) {
        for process in &mut self.services {
            kill(&mut process.child);
        }
        kill(&mut self.gateway);
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            self.site.print_logs();
        }
    }
}

// === impl Process ===

impl Process {
    fn ops(&self) -> String {
        format!("http://{}:{}", self.address, OPS[self.service])
    }
}

// === impl Site ===

impl Site {
    fn prepare(servers: Settings, processes: [u8; 4]) -> Self {
        let (folder, ports) = (tempfile::tempdir().unwrap(), Ports::take());
        let site = Self {
            names: Names::new(ports.base, processes, folder.path()),
            ports,
            servers,
            folder,
        };
        site.operate(&["migrate"]);
        site.operate(&["create-admin", "--email", ADMIN]);
        site.operate(&["certificates", "--out", &site.path(CERTIFICATES)]);
        let (files, certificates) = (site.path("gateway"), site.certificate("gateway", ""));
        site.operate(&[
            "gateway-files",
            "--out",
            &files,
            "--certificates",
            &certificates,
        ]);
        site.place_gateway();
        site
    }

    /// Runs a command of `demeter`, which has to succeed. The first one that needs keys
    /// makes them.
    fn operate(&self, arguments: &[&str]) {
        let (demeter, _envoy) = programs().unwrap();
        let mut command = Command::new(demeter);
        let output = command
            .args(arguments)
            .env_clear()
            .envs(self.server("DATABASE_URL"))
            .env("DATA_DIR", self.path("operator"))
            .env("DEMETER_PASSWORD", PASSWORD)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "demeter {arguments:?}: {said}");
    }

    /// Envoy's files name the ports and the folder of a container.
    fn place_gateway(&self) {
        let file = self.path("gateway/envoy.yaml");
        let mut settings = fs::read_to_string(&file).unwrap();
        let (http, admin) = (self.ports.base, self.ports.base + 1);
        for (usual, here) in [
            ("port_value: 8000", format!("port_value: {http}")),
            ("port_value: 9901", format!("port_value: {admin}")),
            (GATEWAY_FOLDER, self.path("gateway")),
        ] {
            assert!(settings.contains(usual), "envoy.yaml has no {usual}");
            settings = settings.replace(usual, &here);
        }
        fs::write(file, settings).unwrap();
    }

    fn start(&self, cut: Option<&str>) -> (Vec<Process>, Child) {
        let spawn = |service| {
            let addresses = self.names.addresses(service).into_iter();
            addresses.map(move |address| self.spawn(service, address, cut))
        };
        (
            (0..SERVICES.len()).flat_map(spawn).collect(),
            self.gateway(),
        )
    }

    fn spawn(&self, service: usize, address: Ipv4Addr, cut: Option<&str>) -> Process {
        let (demeter, _envoy) = programs().unwrap();
        let log = self.log(&format!("{}-{address}", SERVICES[service]));
        let mut command = self.command(&demeter.with_file_name(SERVICES[service]));
        command
            .envs(self.environment(service, address))
            .envs(cut.map(power_cut))
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        Process {
            service,
            address,
            child: command.spawn().unwrap(),
        }
    }

    fn gateway(&self) -> Child {
        let (_demeter, envoy) = programs().unwrap();
        let clusters = fs::read_to_string(self.path("gateway/clusters.k8s.yaml")).unwrap();
        let clusters = clusters.replace(GATEWAY_FOLDER, &self.path("gateway"));
        let mut command = self.command(&envoy);
        command
            .args(["-c", &self.path("gateway/envoy.yaml"), "--config-yaml"])
            .arg(self.names.clusters(&clusters))
            .args(["--disable-hot-restart", "--concurrency", "2"])
            .args(["--log-level", "warning"])
            .stdout(Stdio::null())
            .stderr(self.log("gateway"));
        command.spawn().unwrap()
    }

    /// A program that sees our names and nothing of the test's environment.
    fn command(&self, program: &Path) -> Command {
        let mut command = self.names.command(program);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    /// What a process is told; said here and nowhere else, by the names that the
    /// Kubernetes manifests use.
    fn environment(&self, service: usize, address: Ipv4Addr) -> Settings {
        let name = SERVICES[service];
        let prefix = name.to_uppercase();
        let listen = |port| format!("{address}:{port}");
        let mut told = vec![
            ("APP_ENV".to_owned(), "production".to_owned()),
            ("DATA_DIR".to_owned(), self.path(name)),
            (
                "IDENTITY_PUBLIC_KEY".to_owned(),
                self.secret("identity.pub"),
            ),
            ("TLS_CERT".to_owned(), self.certificate(name, "tls.crt")),
            ("TLS_KEY".to_owned(), self.certificate(name, "tls.key")),
            ("TLS_CA".to_owned(), self.certificate(name, "ca.crt")),
            (format!("{prefix}_LISTEN"), listen(GRPC[service])),
            (format!("{prefix}_OPS_LISTEN"), listen(OPS[service])),
        ];
        match name {
            "auth" => {
                told.extend(self.server("DATABASE_URL"));
                told.extend([
                    self.secret_file("IDENTITY_PRIVATE_KEY_FILE", "identity.key"),
                    self.secret_file("AUTH_JWT_PRIVATE_KEY_FILE", "jwt.pem"),
                    self.secret_file("AUTH_SERVICE_CLIENT_PHOTO_SECRET_FILE", "photo-client"),
                ]);
            }
            "stock" => told.extend(self.server("DATABASE_URL")),
            "photo" => {
                told.extend(self.servers.iter().cloned());
                told.push(self.secret_file("PHOTO_CLIENT_SECRET_FILE", "photo-client"));
                told.extend([
                    ("AUTH_URL".to_owned(), self.names.url(0)),
                    ("STOCK_URL".to_owned(), self.names.url(1)),
                    ("INFERENCE_URL".to_owned(), self.names.url(3)),
                    // As the pods of a StatefulSet: no lease has to run out first.
                    ("PHOTO_WORKER_NAME".to_owned(), "photo-0".to_owned()),
                    ("PHOTO_WORKERS".to_owned(), "4".to_owned()),
                ]);
            }
            _ => {}
        }
        told
    }

    fn server(&self, name: &str) -> Option<(String, String)> {
        self.servers
            .iter()
            .find(|(other, _)| other == name)
            .cloned()
    }

    fn secret_file(&self, variable: &str, name: &str) -> (String, String) {
        let path = self.path(&format!("operator/secrets/{name}"));
        (variable.to_owned(), path)
    }

    fn secret(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(&format!("operator/secrets/{name}")));
        text.unwrap().trim().to_owned()
    }

    fn certificate(&self, member: &str, file: &str) -> String {
        self.path(&format!("{CERTIFICATES}/{member}/{file}"))
    }

    fn log(&self, name: &str) -> File {
        let path = self.path(&format!("{name}.log"));
        let mut file = File::options();
        file.create(true).append(true).open(path).unwrap()
    }

    /// The end of each log, for a test that failed.
    #[expect(clippy::print_stdout, reason = "a failed test has to say why")]
    fn print_logs(&self) {
        const LINES: usize = 15;
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_log = |path: &PathBuf| path.extension().is_some_and(|end| end == "log");
        for path in paths.filter(is_log) {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(LINES)..];
            println!("{}:\n{}\n", path.display(), last.join("\n"));
        }
    }

    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.to_str().unwrap().to_owned()
    }
}

async fn until_ok(url: &str) {
    let deadline = tokio::time::Instant::now() + START_LIMIT;
    loop {
        let answer = reqwest::get(url).await;
        if answer
            .as_ref()
            .is_ok_and(|answer| answer.status().is_success())
        {
            return;
        }
        if tokio::time::Instant::now() > deadline {
            let said = match answer {
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            panic!("{url} is not well: {said}");
        }
        tokio::time::sleep(STEP).await;
    }
}
