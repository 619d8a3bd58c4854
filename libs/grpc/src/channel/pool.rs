//! The connections of a channel: one to each address, kept up in the background.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::SendRequest;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tonic::Status;
use tonic::body::Body;
use tracing::{debug, info, warn};

use super::dial::Dial;
use super::{Pace, lost, unavailable};

/// Finds the addresses of a service.
pub(super) type Resolve =
    Box<dyn Fn() -> BoxFuture<'static, io::Result<BTreeSet<SocketAddr>>> + Send + Sync>;

/// A connection takes longer only to a machine that is gone.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// Between two rounds of upkeep, however many calls ask for one.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections to one service.
pub(super) struct Pool {
    /// Its name, for the log and for messages.
    service: String,
    resolve: Resolve,
    dial: Dial,
    longest_life: Duration,
    state: Mutex<State>,
    /// A connection has come.
    arrived: Notify,
    /// A connection was lost, or a call found none.
    wanted: Arc<Notify>,
}

#[derive(Default)]
struct State {
    connections: Vec<Connection>,
    /// Where the search for a connection begins, so that equals take turns.
    turn: usize,
    /// Why the last attempt to connect, or to resolve the name, failed.
    trouble: String,
}

/// One established connection. A clone is on loan to a call.
#[derive(Clone)]
pub(super) struct Connection {
    address: SocketAddr,
    requests: SendRequest<Body>,
    /// One owner in the pool, and one for each call that is under way.
    calls: Arc<()>,
    /// It is replaced then.
    aged_at: Instant,
}

/// How sending a request over one connection went.
pub(super) enum Attempt {
    /// Its head has come; its body counts as work of the connection until it ends.
    Answered(Response<Body>),
    /// Nothing of it has left this process: it may be sent elsewhere.
    NotSent(Request<Body>),
    /// It was on its way when the connection broke.
    Lost(hyper::Error),
}

// === impl Pool ===

impl Pool {
    pub(super) fn new(service: String, resolve: Resolve, dial: Dial, pace: Pace) -> Arc<Self> {
        Arc::new(Self {
            service,
            resolve,
            dial,
            longest_life: pace.longest_life,
            state: Mutex::default(),
            arrived: Notify::new(),
            wanted: Arc::new(Notify::new()),
        })
    }

    /// The connection with the least to do; waits for one up to `patience`.
    pub(super) async fn connection(&self, patience: Duration) -> Result<Connection, Status> {
        let wait = async {
            loop {
                let arrived = self.arrived.notified();
                if let Some(connection) = self.state().next() {
                    return connection;
                }
                self.wanted.notify_one();
                arrived.await;
            }
        };
        timeout(patience, wait).await.map_err(|_elapsed| {
            let trouble = self.state().trouble.clone();
            unavailable(format!("no connection to {}: {trouble}", self.service))
        })
    }

    /// Keeps a connection to every address, for ever.
    pub(super) async fn keep_up(self: Arc<Self>, every: Duration) {
        let mut reachable = true;
        loop {
            let addresses = self.resolved().await;
            if let Some(addresses) = addresses {
                let missing = self.state().missing(&addresses);
                join_all(missing.into_iter().map(|address| self.connect(address))).await;
            }
            reachable = self.tell(reachable);
            sleep(PAUSE).await;
            timeout(every, self.wanted.notified()).await.ok();
        }
    }

    /// The addresses now; none when they cannot be found out: then those that are
    /// known stay.
    async fn resolved(&self) -> Option<BTreeSet<SocketAddr>> {
        let trouble = match (self.resolve)().await {
            Ok(addresses) if addresses.is_empty() => "its name has no address".to_owned(),
            Ok(addresses) => return Some(addresses),
            Err(error) => format!("its name cannot be resolved: {error}"),
        };
        debug!(service = self.service, error = trouble, "not resolved");
        self.state().trouble = trouble;
        None
    }

    async fn connect(&self, address: SocketAddr) {
        let lost = Arc::clone(&self.wanted);
        let dialled = timeout(CONNECT_LIMIT, self.dial.connect(address, lost)).await;
        let trouble = match dialled {
            Ok(Ok(requests)) => {
                let lives = self.longest_life.mul_f64(rand_between(0.8, 1.0));
                let aged_at = Instant::now() + lives;
                self.state().replace(Connection {
                    address,
                    requests,
                    calls: Arc::default(),
                    aged_at,
                });
                self.arrived.notify_waiters();
                return;
            }
            Ok(Err(error)) => format!("{address}: {error}"),
            Err(_elapsed) => format!("{address}: no answer within {CONNECT_LIMIT:?}"),
        };
        debug!(service = self.service, error = trouble, "not connected");
        self.state().trouble = trouble;
    }

    /// Logs when the service becomes unreachable and when it is there again.
    fn tell(&self, was_reachable: bool) -> bool {
        let state = self.state();
        let reachable = state.connections.iter().any(Connection::is_open);
        match (was_reachable, reachable) {
            (true, false) => {
                warn!(
                    service = self.service,
                    error = state.trouble,
                    "cannot be reached"
                );
            }
            (false, true) => info!(service = self.service, "can be reached"),
            _ => {}
        }
        reachable
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn next(&mut self) -> Option<Connection> {
        self.connections.retain(Connection::is_open);
        let count = self.connections.len();
        self.turn = self.turn.wrapping_add(1);
        let from_turn = (0..count).map(|step| &self.connections[(self.turn + step) % count]);
        from_turn
            .min_by_key(|connection| connection.load())
            .cloned()
    }

    /// Forgets addresses that are gone: calls under way there go on, no new one is
    /// sent. Those of `addresses` that have no connection, or an aged one, are
    /// missing.
    fn missing(&mut self, addresses: &BTreeSet<SocketAddr>) -> Vec<SocketAddr> {
        self.connections
            .retain(|connection| connection.is_open() && addresses.contains(&connection.address));
        let now = Instant::now();
        let fresh = |address: &SocketAddr| {
            let mut connections = self.connections.iter();
            connections.any(|one| one.address == *address && one.aged_at > now)
        };
        let missing = addresses.iter().filter(|address| !fresh(address));
        missing.copied().collect()
    }

    /// Takes the place of an aged one to the same address.
    fn replace(&mut self, new: Connection) {
        self.connections.retain(|old| old.address != new.address);
        self.connections.push(new);
    }
}

// === impl Connection ===

impl Connection {
    fn is_open(&self) -> bool {
        !self.requests.is_closed()
    }

    /// Calls under way.
    fn load(&self) -> usize {
        Arc::strong_count(&self.calls) - 1
    }

    pub(super) async fn send(mut self, request: Request<Body>) -> Attempt {
        match self.requests.try_send_request(request).await {
            Ok(response) => {
                let call = self.calls;
                Attempt::Answered(response.map(|body| {
                    let body = body.map_err(|error| lost(&error));
                    Body::new(body.map_frame(move |frame| {
                        #[expect(
                            clippy::no_effect_underscore_binding,
                            reason = "the body owns the call, which ends with it"
                        )]
                        let _under_way = &call;
                        frame
                    }))
                }))
            }
            Err(mut error) => match error.take_message() {
                Some(request) => Attempt::NotSent(request),
                None => Attempt::Lost(error.into_error()),
            },
        }
    }
}

/// Spreads ages, so that connections made together do not end together.
fn rand_between(low: f64, high: f64) -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    // Every `RandomState` has keys of its own; 16 bits are enough.
    let bits = u16::try_from(RandomState::new().hash_one(()) & 0xffff).unwrap_or(0);
    low + (high - low) * f64::from(bits) / f64::from(u16::MAX)
}
