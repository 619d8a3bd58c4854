//! The names by which the services of one system find each other.
//!
//! Every process has a loopback address of its own, at the documented ports. The
//! names of production lead to them by a hosts file that only the system's own
//! processes see, so that names are resolved as everywhere else. Where the machine
//! does not let a process have a view of its own on files, addresses stand where
//! names would.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::apart::{GRPC, OPS, SERVICES};

const HOSTS: &str = "/etc/hosts";
/// How a process may get a view of its own: as root, else as the root of a
/// namespace of its own.
const VIEWS: [&[&str]; 2] = [&["--mount"], &["--map-root-user", "--mount"]];

/// Names and addresses of one system.
pub(super) struct Names {
    /// The first two bytes after 127: no other system that runs has them.
    network: [u8; 2],
    /// Processes of each service.
    processes: [u8; 4],
    /// Our hosts file, and how a process gets to see it.
    view: Option<(PathBuf, &'static [&'static str])>,
}

// === impl Names ===

impl Names {
    /// `unique` is a port that no other system has while this one runs; those are
    /// above 256, and 127.0 is what everyone else uses.
    pub(super) fn new(unique: u16, processes: [u8; 4], folder: &Path) -> Self {
        let mut names = Self {
            network: unique.to_be_bytes(),
            processes,
            view: None,
        };
        let hosts = folder.join("hosts");
        fs::write(&hosts, names.hosts()).unwrap();
        let view = VIEWS.into_iter().find(|view| is_possible(view, &hosts));
        names.view = view.map(|view| (hosts, view));
        names
    }

    /// Where the processes of a service listen.
    pub(super) fn addresses(&self, service: usize) -> Vec<Ipv4Addr> {
        let [second, third] = self.network;
        let first = u8::try_from(service * 10 + 1).unwrap();
        let each = first..first + self.processes[service];
        each.map(|last| Ipv4Addr::new(127, second, third, last))
            .collect()
    }

    /// Where the others call a service.
    pub(super) fn url(&self, service: usize) -> String {
        let host = match &self.view {
            Some(_) => SERVICES[service].to_owned(),
            None => self.list(service, Ipv4Addr::to_string).join(","),
        };
        format!("https://{host}:{}", GRPC[service])
    }

    /// The gateway's file of clusters for this system: as it is where names are.
    pub(super) fn clusters(&self, file: &str) -> String {
        if self.view.is_some() {
            return file.to_owned();
        }
        let mut file = file.to_owned();
        for (service, name) in SERVICES.into_iter().enumerate() {
            for port in [GRPC[service], OPS[service]] {
                let there = self.list(service, |address| endpoint(&address.to_string(), port));
                file = file.replace(&endpoint(name, port), &there.join(", "));
            }
        }
        file
    }

    /// A command that runs a program where the names are known.
    pub(super) fn command(&self, program: &Path) -> Command {
        match &self.view {
            None => Command::new(program),
            Some((hosts, view)) => in_view(view, hosts, program),
        }
    }

    fn list(&self, service: usize, text: impl Fn(&Ipv4Addr) -> String) -> Vec<String> {
        self.addresses(service).iter().map(text).collect()
    }

    /// This machine's file, and our names.
    fn hosts(&self) -> String {
        let mut hosts = fs::read_to_string(HOSTS).unwrap_or_default() + "\n";
        for (service, name) in SERVICES.into_iter().enumerate() {
            for address in self.addresses(service) {
                writeln!(hosts, "{address} {name}").unwrap();
            }
        }
        hosts
    }
}

/// Runs `program` with `hosts` in the place of the machine's file. What is started
/// becomes the program: its process id is the one to signal.
fn in_view(view: &[&str], hosts: &Path, program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(view)
        .args(["sh", "-c"])
        .arg(format!("mount --bind \"$0\" {HOSTS} && exec \"$@\""))
        .arg(hosts)
        .arg(program);
    command
}

fn is_possible(view: &[&str], hosts: &Path) -> bool {
    let mut command = in_view(view, hosts, Path::new("true"));
    let ended = command.stderr(Stdio::null()).status();
    ended.is_ok_and(|status| status.success())
}

/// As the committed files of clusters write it.
fn endpoint(host: &str, port: u16) -> String {
    format!(
        "{{endpoint: {{address: {{socket_address: {{address: {host}, port_value: {port}}}}}}}}}"
    )
}
