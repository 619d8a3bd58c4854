//! `demeter up`: the whole system in one process.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Settings, kill, power_cut, programs, resident, signal};
use crate::ports::Ports;

/// A process of `demeter up` on a folder of its own.
pub(super) struct Up {
    child: Child,
    ports: Ports,
    /// The line that said that it is ready, and the password that it led to.
    ready: (String, String),
    folder: TempDir,
    settings: Settings,
}

// === impl Up ===

impl Up {
    pub(super) fn start(settings: Settings) -> Self {
        let (folder, ports) = (tempfile::tempdir().unwrap(), Ports::take());
        let mut child = up(&folder, &ports, &settings).spawn().unwrap();
        let ready = ready(&mut child);
        Self {
            child,
            ports,
            ready,
            folder,
            settings,
        }
    }

    /// Kills the process and starts another one on the same data.
    pub(super) fn restart(&mut self, cut: Option<&str>) {
        kill(&mut self.child);
        self.spawn(cut);
        self.ready = ready(&mut self.child);
    }

    /// Starts another process on the same data, which ends at `point`.
    pub(super) fn start_process(&mut self, point: &str) {
        self.spawn(Some(point));
    }

    fn spawn(&mut self, cut: Option<&str>) {
        // The gateway of the life before may be on its ports until it is found.
        self.ports = Ports::take();
        let mut command = up(&self.folder, &self.ports, &self.settings);
        command.envs(cut.map(power_cut));
        self.child = command.spawn().unwrap();
    }

    pub(super) fn process(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(super) fn password(&self) -> &str {
        &self.ready.1
    }

    pub(super) fn ready_line(&self) -> &str {
        &self.ready.0
    }

    pub(super) fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The folder that holds what has to stay.
    pub(super) fn data(&self) -> PathBuf {
        data(self.folder.path())
    }

    /// Bytes of memory that the process holds.
    pub(super) fn memory(&self) -> u64 {
        resident(&self.child)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address(0))
    }

    pub(super) fn grpc(&self, service: usize) -> String {
        self.address(11 + service)
    }

    pub(super) fn ops(&self, service: usize) -> String {
        format!("http://{}", self.address(21 + service))
    }

    fn address(&self, offset: usize) -> String {
        format!("127.0.0.1:{}", usize::from(self.ports.base) + offset)
    }
}

impl Drop for Up {
    /// Ends the system well, so that it ends its gateway too.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(&self.child, "-TERM");
            self.child.wait().ok();
        }
    }
}

fn up(folder: &TempDir, ports: &Ports, settings: &Settings) -> Command {
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
        .arg(data(folder.path()))
        .arg("--envoy")
        .arg(envoy)
        .envs(settings.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    command
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
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
