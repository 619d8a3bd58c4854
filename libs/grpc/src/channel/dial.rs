//! Makes one connection.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tonic::body::Body;

use super::BadUrl;
use crate::{Credentials, Mesh};

/// A machine that vanished without a word is noticed within the sum of both.
const KEEPALIVE: Duration = Duration::from_secs(10);
const KEEPALIVE_ANSWER: Duration = Duration::from_secs(5);

type Dialled = Result<SendRequest<Body>, Box<dyn Error + Send + Sync>>;

/// How the other end is spoken to.
pub(super) enum Dial {
    /// As it is, readable to everyone on the way.
    Clear,
    /// With our certificate shown, and only if its own says this name.
    Secured(Credentials, ServerName<'static>),
}

// === impl Dial ===

impl Dial {
    /// As the mesh speaks, which the URL has to say too.
    pub(super) fn new(mesh: &Mesh, service: &str, url: &str) -> Result<Self, BadUrl> {
        let scheme = mesh.scheme();
        if !url.starts_with(&format!("{scheme}://")) {
            let problem = format!("services speak {scheme} here, as MESH_TLS says");
            return Err(BadUrl::new(url, problem));
        }
        let Mesh::Secured(credentials) = mesh else {
            return Ok(Self::Clear);
        };
        let name = ServerName::try_from(service.to_owned())
            .map_err(|error| BadUrl::new(url, format!("no service {service:?}: {error}")))?;
        Ok(Self::Secured(credentials.clone(), name))
    }

    /// Connects; `lost` is told when the connection ends.
    pub(super) async fn connect(&self, address: SocketAddr, lost: Arc<Notify>) -> Dialled {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        match self {
            Self::Clear => http2(tcp, lost).await,
            Self::Secured(credentials, name) => {
                let tls = TlsConnector::from(credentials.ends().client);
                http2(tls.connect(name.clone(), tcp).await?, lost).await
            }
        }
    }
}

async fn http2<S>(stream: S, lost: Arc<Notify>) -> Dialled
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (requests, connection) = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE_ANSWER)
        .keep_alive_while_idle(true)
        .handshake(TokioIo::new(stream))
        .await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "ends with the connection; calls that it carries are told"
    )]
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn Error, "a connection ended");
        }
        lost.notify_one();
    });
    Ok(requests)
}
