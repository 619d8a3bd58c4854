//! The calling end: one channel per service, over every process that its name
//! leads to.
//!
//! tonic's own balancing hands calls to addresses that cannot be reached: there a
//! connection that failed counts as ready, and the call is what finds out. Here
//! only connections that stand are asked, and a call that found its connection
//! closed before anything of it was sent goes to another one.

mod dial;
mod pool;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, header};
use tokio::net::lookup_host;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::Service;

use crate::Mesh;
use crate::call::{deadline, within};
use crate::status::refusal;
use dial::Dial;
use pool::{Attempt, Pool, Resolve};

const USER_AGENT: &str = concat!("demeter/", env!("CARGO_PKG_VERSION"));
/// A call that finds so many connections closed under its hands gives up: someone
/// takes connections and answers nothing.
const ATTEMPTS: usize = 5;

/// Calls a service, wherever its processes are now. Clones share connections.
#[derive(Clone)]
pub struct Channel(Arc<Open>);

/// How often a channel does what. The [default](Pace::default) is for services;
/// tests are less patient.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The name is resolved again, and what is not connected is tried again.
    pub resolve_every: Duration,
    /// A connection is replaced by a new one between four fifths of it and all of
    /// it: behind a single address (a load balancer's) it may lead elsewhere now.
    pub longest_life: Duration,
    /// A call waits so long for a first connection.
    pub patience: Duration,
}

/// Why there is no channel to an URL.
#[derive(Debug, thiserror::Error)]
#[error("{url:?} is not the URL of a service, such as https://stock:50052: {problem}")]
pub struct BadUrl {
    url: String,
    problem: String,
}

/// What all clones of a channel share.
struct Open {
    pool: Arc<Pool>,
    scheme: Scheme,
    authority: Authority,
    patience: Duration,
    /// Ends the upkeep with the last clone.
    _upkeep: DropGuard,
}

/// A channel in the clear to `url`, at the usual pace and within a runtime: to the
/// gateway, or to a service of a test. Inside the mesh it is [`Mesh::channel`].
pub fn channel(url: &str) -> Result<Channel, BadUrl> {
    Mesh::Clear.channel("", url)
}

// === impl Pace ===

impl Default for Pace {
    fn default() -> Self {
        Self {
            resolve_every: Duration::from_secs(2),
            longest_life: Duration::from_mins(5),
            patience: Duration::from_secs(2),
        }
    }
}

// === impl Channel ===

impl Channel {
    /// Opens a channel to the member of the mesh with this name at `url`, for
    /// example `https://stock:50052`, within a runtime. It connects in the
    /// background, to every address of the URL's host, or hosts: where there is no
    /// name server, several may be separated by commas.
    pub fn open(mesh: &Mesh, service: &str, url: &str, pace: Pace) -> Result<Self, BadUrl> {
        let (hosts, port) = hosts_and_port(url)?;
        let resolve: Resolve = Box::new(move || Box::pin(look_up(hosts.clone(), port)));
        Self::resolved_by(resolve, Dial::new(mesh, service, url)?, url, pace)
    }

    fn resolved_by(resolve: Resolve, dial: Dial, url: &str, pace: Pace) -> Result<Self, BadUrl> {
        let (scheme, authority) = origin(url)?;
        let pool = Pool::new(authority.to_string(), resolve, dial, pace);
        let stop = CancellationToken::new();
        let upkeep = Arc::clone(&pool).keep_up(pace.resolve_every);
        #[expect(
            clippy::disallowed_methods,
            reason = "ends with the last clone of the channel, and nobody waits for it"
        )]
        tokio::spawn(stop.clone().run_until_cancelled_owned(upkeep));
        Ok(Self(Arc::new(Open {
            pool,
            scheme,
            authority,
            patience: pace.patience,
            _upkeep: stop.drop_guard(),
        })))
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let open = Arc::clone(&self.0);
        open.address(&mut request);
        Box::pin(async move { within(deadline(request.headers()), open.send(request)).await? })
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Channel({}://{})", self.0.scheme, self.0.authority)
    }
}

// === impl Open ===

impl Open {
    /// A client names the RPC only; HTTP/2 wants to know whose it is.
    fn address<B>(&self, request: &mut Request<B>) {
        let path = request.uri().path_and_query().cloned();
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path.unwrap_or(PathAndQuery::from_static("/")));
        // All three are there, so it is an URI.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        let agent = HeaderValue::from_static(USER_AGENT);
        request.headers_mut().insert(header::USER_AGENT, agent);
    }

    async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, Status> {
        for _attempt in 0..ATTEMPTS {
            let connection = self.pool.connection(self.patience).await?;
            match connection.send(request).await {
                Attempt::Answered(response) => return Ok(response),
                Attempt::Lost(error) => return Err(lost(&error)),
                Attempt::NotSent(unsent) => request = unsent,
            }
        }
        Err(unavailable(format!(
            "{} closes every connection at once",
            self.authority
        )))
    }
}

/// The connection broke while the call was under way: nobody knows whether it was
/// done, so only the caller can say whether it may be done again.
fn lost(error: &(dyn std::error::Error + 'static)) -> Status {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    unavailable(format!("the connection was lost: {}", causes.join(": ")))
}

fn unavailable(message: String) -> Status {
    refusal(Code::Unavailable, "demeter", "UNAVAILABLE", message)
}

// === impl BadUrl ===

impl BadUrl {
    fn new(url: &str, problem: impl Into<String>) -> Self {
        Self {
            url: url.to_owned(),
            problem: problem.into(),
        }
    }
}

fn origin(url: &str) -> Result<(Scheme, Authority), BadUrl> {
    let bad = |problem: &str| BadUrl::new(url, problem);
    let uri: Uri = url.parse().map_err(|error| bad(&format!("{error}")))?;
    let http::uri::Parts {
        scheme, authority, ..
    } = uri.into_parts();
    let scheme = scheme.ok_or_else(|| bad("it has no scheme"))?;
    let authority = authority.ok_or_else(|| bad("it names no host"))?;
    Ok((scheme, authority))
}

fn hosts_and_port(url: &str) -> Result<(Vec<String>, u16), BadUrl> {
    let (scheme, authority) = origin(url)?;
    let usual = if scheme == Scheme::HTTPS { 443 } else { 80 };
    // An IPv6 address stands in brackets in an URL, and nowhere else.
    let bare = |host: &str| host.trim_matches(['[', ']']).to_owned();
    let hosts = authority.host().split(',').map(bare).collect();
    Ok((hosts, authority.port_u16().unwrap_or(usual)))
}

/// The addresses of all hosts; an error only when none has any.
async fn look_up(hosts: Vec<String>, port: u16) -> io::Result<BTreeSet<SocketAddr>> {
    let found = join_all(hosts.into_iter().map(|host| lookup_host((host, port)))).await;
    let (mut addresses, mut trouble) = (BTreeSet::new(), None);
    for host in found {
        match host {
            Ok(found) => addresses.extend(found),
            Err(error) => trouble = Some(error),
        }
    }
    match trouble {
        Some(error) if addresses.is_empty() => Err(error),
        _ => Ok(addresses),
    }
}
