//! Two ends that know each other, and strangers.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use demeter_certificates::MEMBERS;
use http::Request;
use prometheus_client::registry::Registry;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::ServiceExt as _;

use super::*;
use crate::Server;

const DAY: Duration = Duration::from_hours(24);
const HASTE: Pace = Pace {
    resolve_every: Duration::from_millis(100),
    longest_life: Duration::from_mins(5),
    patience: Duration::from_millis(500),
};

/// Certificates of an authority of the test's own.
fn certificates() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    folder
}

#[expect(clippy::disallowed_methods, reason = "certificates are good now")]
fn renew(folder: &Path) {
    demeter_certificates::write(folder, SystemTime::now(), DAY).unwrap();
}

fn member(folder: &TempDir, name: &str) -> Mesh {
    let file = |file: &str| folder.path().join(name).join(file);
    let files = Files {
        certificate: file("tls.crt"),
        key: file("tls.key"),
        authority: file("ca.crt"),
    };
    Mesh::Secured(Credentials::read(files).unwrap())
}

/// A server that has no RPC, but remembers whom it let in to look for one.
struct Stock {
    address: SocketAddr,
    callers: Arc<Mutex<Vec<Vec<&'static str>>>>,
    _stop: DropGuard,
}

impl Stock {
    async fn start(mesh: &Mesh) -> Self {
        let callers = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&callers);
        let gate: crate::Gate = Arc::new(move |parts| {
            let peer = Peer::of(&parts.extensions);
            let names = MEMBERS.into_iter().filter(|name| peer.passes_for(name));
            seen.lock().unwrap().push(names.collect());
            Ok(())
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mesh, stop) = (mesh.clone(), CancellationToken::new());
        let shutdown = stop.clone();
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::spawn(async move {
            let server = Server::new(&[], gate, &mut Registry::default());
            server.serve(listener, &mesh, shutdown).await.unwrap();
        });
        Self {
            address,
            callers,
            _stop: stop.drop_guard(),
        }
    }

    /// What a member that looks for `service` here is answered.
    async fn called_by(&self, mesh: &Mesh, service: &str) -> Result<(), Status> {
        let url = format!("{}://{}", mesh.scheme(), self.address);
        let channel = Channel::open(mesh, service, &url, HASTE).unwrap();
        let request = Request::post("/some.Service/Rpc")
            .header("content-type", "application/grpc")
            .body(Body::empty())
            .unwrap();
        channel.oneshot(request).await.map(|_answer| ())
    }

    fn callers(&self) -> Vec<Vec<&'static str>> {
        self.callers.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn both_ends_know_who_the_other_is() {
    let folder = certificates();
    let stock = Stock::start(&member(&folder, "stock")).await;

    for name in ["photo", "gateway"] {
        let caller = member(&folder, name);
        stock.called_by(&caller, "stock").await.unwrap();
    }

    assert_eq!(stock.callers(), [["photo"], ["gateway"]]);
}

#[tokio::test]
async fn a_caller_goes_on_only_when_it_found_whom_it_looked_for() {
    let folder = certificates();
    let stock = Stock::start(&member(&folder, "stock")).await;

    let refused = stock.called_by(&member(&folder, "photo"), "auth").await;

    let status = refused.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert!(status.message().contains("certificate"), "{status}");
    assert!(stock.callers().is_empty());
}

#[tokio::test]
async fn strangers_get_nothing() {
    let (folder, elsewhere) = (certificates(), certificates());
    let stock = Stock::start(&member(&folder, "stock")).await;
    let believing = member(&folder, "photo");
    let strangers = [
        ("in the clear", Mesh::Clear),
        ("of another authority", member(&elsewhere, "gateway")),
        (
            "of another authority, believing ours",
            crossed(&elsewhere, &folder),
        ),
    ];

    for (who, stranger) in strangers {
        let refused = stock.called_by(&stranger, "stock").await;
        assert_eq!(refused.unwrap_err().code(), Code::Unavailable, "{who}");
    }
    assert!(ends_at_once(stock.address, &folder).await, "without any");
    assert!(stock.callers().is_empty(), "{:?}", stock.callers());
    stock.called_by(&believing, "stock").await.unwrap();
}

/// Certificates of one authority, with the trust in another.
fn crossed(own: &TempDir, trusted: &TempDir) -> Mesh {
    let file = |file: &str| own.path().join("gateway").join(file);
    let files = Files {
        certificate: file("tls.crt"),
        key: file("tls.key"),
        authority: trusted.path().join("ca.crt"),
    };
    Mesh::Secured(Credentials::read(files).unwrap())
}

/// Whether a connection without a certificate is closed without a word.
async fn ends_at_once(address: SocketAddr, folder: &TempDir) -> bool {
    let authority = CertificateDer::from_pem_file(folder.path().join("ca.crt")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("stock").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    // In TLS 1.3 the caller is done before the other end has looked at it.
    match connector.connect(name, tcp).await {
        Ok(mut stream) => !matches!(stream.read(&mut [0; 64]).await, Ok(1..)),
        Err(_refused) => true,
    }
}

#[tokio::test]
async fn replaced_certificates_are_used_for_new_connections() {
    let (folder, old) = (certificates(), tempfile::tempdir().unwrap());
    copy(&folder, &old, "photo");
    let stock = Stock::start(&member(&folder, "stock")).await;
    let (photo, before) = (member(&folder, "photo"), member(&old, "photo"));
    stock.called_by(&before, "stock").await.unwrap();

    // Another authority: who has only the old certificates is a stranger now.
    std::fs::remove_file(folder.path().join("ca.key")).unwrap();
    renew(folder.path());

    let deadline = Instant::now() + Duration::from_secs(5);
    while stock.called_by(&before, "stock").await.is_ok() {
        assert!(
            Instant::now() < deadline,
            "the old certificate still counts"
        );
        sleep(Duration::from_millis(200)).await;
    }
    stock.called_by(&photo, "stock").await.unwrap();
}

fn copy(from: &TempDir, to: &TempDir, name: &str) {
    std::fs::create_dir_all(to.path().join(name)).unwrap();
    for file in ["tls.crt", "tls.key", "ca.crt"] {
        let path = |folder: &TempDir| folder.path().join(name).join(file);
        std::fs::copy(path(from), path(to)).unwrap();
    }
}

#[tokio::test]
async fn while_files_make_no_sense_the_last_ones_are_used() {
    let folder = certificates();
    let stock = Stock::start(&member(&folder, "stock")).await;
    let photo = member(&folder, "photo");
    for file in ["stock/tls.key", "photo/tls.crt"] {
        std::fs::write(folder.path().join(file), "not a key").unwrap();
    }

    sleep(Duration::from_millis(1200)).await;

    stock.called_by(&photo, "stock").await.unwrap();
}

#[test]
fn files_that_cannot_be_used_are_told() {
    let folder = certificates();
    let file = |name: &str| folder.path().join(name);
    let files = |certificate, key, authority| Files {
        certificate: file(certificate),
        key: file(key),
        authority: file(authority),
    };
    let refused = |files| Credentials::read(files).unwrap_err().to_string();

    let missing = refused(files("none.crt", "auth/tls.key", "ca.crt"));
    assert!(missing.contains("none.crt"), "{missing}");
    let anothers = refused(files("auth/tls.crt", "stock/tls.key", "ca.crt"));
    assert!(anothers.contains("do not belong together"), "{anothers}");
    let empty = refused(files("auth/tls.crt", "auth/tls.key", "auth/tls.key"));
    assert!(empty.contains("holds no certificate"), "{empty}");
}
