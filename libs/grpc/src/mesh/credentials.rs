//! The certificate, key and authority of one process, from files that may change
//! while it runs.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tracing::{info, warn};

/// Files are looked at when a connection is made, and at most so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where the credentials of a process are; all PEM.
#[derive(Clone, Debug)]
pub struct Files {
    /// Its certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// The key of its certificate.
    pub key: PathBuf,
    /// The certificate of the authority, or several while one follows another.
    pub authority: PathBuf,
}

/// What a process shows to others, and whom it believes. Files that change are used
/// for every connection from then on; while they make no sense, the last ones are.
#[derive(Clone)]
pub struct Credentials(Arc<Kept>);

/// Why credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadCredentials {
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is no PEM file: {source}", .path.display())]
    NotPem { path: PathBuf, source: pem::Error },
    #[error("{} holds no certificate", .path.display())]
    Empty { path: PathBuf },
    #[error("the certificate, its key and the authority do not belong together: {0}")]
    Unusable(#[from] rustls::Error),
    #[error("the authority verifies nobody: {0}")]
    Authority(#[from] VerifierBuilderError),
}

struct Kept {
    files: Files,
    last: Mutex<Last>,
}

struct Last {
    looked_at: Instant,
    contents: Contents,
    ends: Ends,
}

#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    authority: Vec<u8>,
}

/// The settings of both ends of a connection.
#[derive(Clone)]
pub(crate) struct Ends {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) client: Arc<ClientConfig>,
}

// === impl Credentials ===

impl Credentials {
    /// Reads the files.
    pub fn read(files: Files) -> Result<Self, BadCredentials> {
        let contents = Contents::read(&files)?;
        let last = Last {
            looked_at: Instant::now(),
            ends: contents.ends(&files)?,
            contents,
        };
        Ok(Self(Arc::new(Kept {
            files,
            last: Mutex::new(last),
        })))
    }

    /// As the files are now.
    pub(crate) fn ends(&self) -> Ends {
        let Kept { files, last } = &*self.0;
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.looked_at.elapsed() >= LOOK_EVERY {
            last.look(files);
        }
        last.ends.clone()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Credentials").field(&self.0.files).finish()
    }
}

// === impl Last ===

impl Last {
    fn look(&mut self, files: &Files) {
        self.looked_at = Instant::now();
        let certificate = files.certificate.display();
        match self.changed(files) {
            Ok(false) => {}
            Ok(true) => info!(%certificate, "certificates were replaced"),
            // Between the writing of one file and the next this is no fault.
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(%certificate, error, "certificates on disk are not usable: the last are used");
            }
        }
    }

    fn changed(&mut self, files: &Files) -> Result<bool, BadCredentials> {
        let contents = Contents::read(files)?;
        if contents == self.contents {
            return Ok(false);
        }
        self.ends = contents.ends(files)?;
        self.contents = contents;
        Ok(true)
    }
}

// === impl Contents ===

impl Contents {
    fn read(files: &Files) -> Result<Self, BadCredentials> {
        let Files {
            certificate,
            key,
            authority,
        } = files;
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| BadCredentials::Unreadable {
                path: path.to_owned(),
                source,
            })
        };
        Ok(Self {
            certificate: read(certificate)?,
            key: read(key)?,
            authority: read(authority)?,
        })
    }

    fn ends(&self, files: &Files) -> Result<Ends, BadCredentials> {
        let chain = certificates(&self.certificate, &files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(not_pem(&files.key))?;
        let mut roots = RootCertStore::empty();
        for authority in certificates(&self.authority, &files.authority)? {
            roots.add(authority)?;
        }
        let (roots, provider) = (Arc::new(roots), Arc::new(default_provider()));
        let callers =
            WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone()).build()?;
        let mut server = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(callers)
            .with_single_cert(chain.clone(), key.clone_key())?;
        server.alpn_protocols = vec![b"h2".to_vec()];
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)?;
        client.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Ends {
            server: Arc::new(server),
            client: Arc::new(client),
        })
    }
}

fn certificates(
    content: &[u8],
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, BadCredentials> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(content).collect();
    let all = all.map_err(not_pem(path))?;
    if all.is_empty() {
        return Err(BadCredentials::Empty {
            path: path.to_owned(),
        });
    }
    Ok(all)
}

fn not_pem(path: &Path) -> impl Fn(pem::Error) -> BadCredentials {
    |source| BadCredentials::NotPem {
        path: path.to_owned(),
        source,
    }
}
