//! A channel against processes that come, go and are killed.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Mutex;

use axum::Router;
use axum::routing::get;
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep};
use tonic::service::Routes;
use tonic::transport::server::{TcpConnectInfo, TcpIncoming};
use tower::ServiceExt as _;

use super::*;

const HASTE: Pace = Pace {
    resolve_every: Duration::from_millis(100),
    longest_life: Duration::from_mins(5),
    patience: Duration::from_millis(500),
};
/// More than one round of upkeep.
const A_WHILE: Duration = Duration::from_millis(500);

/// A server with a runtime of its own, so that it can be killed with all its
/// connections, as a process is.
struct Process {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Process {
    fn on(address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/who", get(move || async move { address.to_string() }))
            .route("/connection", get(connection))
            .route("/slow", get(slow));
        runtime.spawn(async move {
            tonic::transport::Server::builder()
                .add_routes(Routes::from(routes))
                .serve_with_incoming(TcpIncoming::from(TcpListener::from_std(listener).unwrap()))
                .await
        });
        Self {
            address,
            runtime: Some(runtime),
        }
    }

    fn start() -> Self {
        Self::on(free())
    }

    /// Returns when its sockets are closed.
    fn kill(mut self) {
        let runtime = self.runtime.take().unwrap();
        // A runtime must not be waited for within another.
        let killer = std::thread::spawn(move || runtime.shutdown_timeout(A_WHILE));
        killer.join().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The other end of the connection that a call came over.
async fn connection(request: axum::extract::Request) -> String {
    let connection = request.extensions().get::<TcpConnectInfo>().unwrap();
    connection.remote_addr.unwrap().to_string()
}

async fn slow() -> &'static str {
    sleep(A_WHILE).await;
    "at last"
}

fn free() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind(free()).unwrap();
    listener.local_addr().unwrap()
}

/// A name whose addresses the test sets.
#[derive(Clone, Default)]
struct Name(Arc<Mutex<BTreeSet<SocketAddr>>>);

impl Name {
    fn of<'a>(addresses: impl IntoIterator<Item = &'a SocketAddr>) -> Self {
        let name = Self::default();
        name.set(addresses);
        name
    }

    fn set<'a>(&self, addresses: impl IntoIterator<Item = &'a SocketAddr>) {
        *self.0.lock().unwrap() = addresses.into_iter().copied().collect();
    }

    fn channel(&self, pace: Pace) -> Channel {
        let addresses = Arc::clone(&self.0);
        let resolve: Resolve = Box::new(move || {
            let addresses = addresses.lock().unwrap().clone();
            Box::pin(async move { Ok(addresses) })
        });
        Channel::resolved_by(resolve, Dial::Clear, "http://service:1", pace).unwrap()
    }
}

async fn ask(channel: &Channel, path: &str, headers: &[(&str, &str)]) -> Result<String, Status> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let answer = channel.clone().oneshot(request).await?;
    let body = answer.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

async fn who(channel: &Channel) -> SocketAddr {
    ask(channel, "/who", &[]).await.unwrap().parse().unwrap()
}

/// How many of `calls` each process answers; none may fail.
async fn shares(channel: &Channel, calls: usize) -> BTreeMap<SocketAddr, usize> {
    let mut shares = BTreeMap::new();
    for _call in 0..calls {
        *shares.entry(who(channel).await).or_default() += 1;
    }
    shares
}

#[tokio::test]
async fn every_address_of_a_name_gets_its_share() {
    let processes: [Process; 3] = std::array::from_fn(|_| Process::start());
    let channel = Name::of(processes.each_ref().map(|process| &process.address)).channel(HASTE);
    sleep(A_WHILE).await;

    let shares = shares(&channel, 30).await;

    let expected = processes.iter().map(|process| (process.address, 10));
    assert_eq!(shares, expected.collect());
}

#[tokio::test]
async fn who_has_nothing_to_do_is_asked_first() {
    let processes = [Process::start(), Process::start()];
    let channel = Name::of(processes.each_ref().map(|process| &process.address)).channel(HASTE);
    sleep(A_WHILE).await;
    let slow = ask(&channel, "/slow", &[]);
    let others = async {
        sleep(A_WHILE / 10).await;
        shares(&channel, 10).await
    };

    let (slow, others) = tokio::join!(slow, others);

    slow.unwrap();
    assert_eq!(others.len(), 1, "both were asked: {others:?}");
}

/// Without a name server: hosts of an URL, separated by commas.
#[tokio::test]
async fn several_hosts_are_one_service() {
    let (one, two) = loop {
        let one = Process::start();
        let other = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), one.address.port()));
        // The port is free on the first; on the other it may be taken by now.
        if std::net::TcpListener::bind(other).is_ok() {
            break (one, Process::on(other));
        }
    };
    let url = format!(
        "http://localhost,127.0.0.2,nowhere.invalid:{}",
        one.address.port()
    );
    let channel = Channel::open(&Mesh::Clear, "", &url, HASTE).unwrap();
    sleep(A_WHILE).await;

    let shares = shares(&channel, 10).await;

    assert_eq!(shares, BTreeMap::from([(one.address, 5), (two.address, 5)]));
}

#[tokio::test]
async fn an_address_where_nobody_listens_fails_no_call() {
    let process = Process::start();
    let channel = Name::of([&nobody(), &process.address, &nobody()]).channel(HASTE);

    let shares = shares(&channel, 50).await;

    assert_eq!(shares, BTreeMap::from([(process.address, 50)]));
}

#[tokio::test]
async fn after_a_process_was_killed_no_call_goes_to_it() {
    let (killed, stays) = (Process::start(), Process::start());
    let channel = Name::of([&killed.address, &stays.address]).channel(HASTE);
    sleep(A_WHILE).await;
    assert_eq!(shares(&channel, 10).await.len(), 2);

    killed.kill();

    // What was on its way is lost; the end of a connection arrives within this.
    sleep(Duration::from_millis(50)).await;
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        assert_eq!(who(&channel).await, stays.address);
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_call_that_is_under_way_when_its_process_is_killed_is_told() {
    let process = Process::start();
    let channel = Name::of([&process.address]).channel(HASTE);
    let call = ask(&channel, "/slow", &[]);
    let kill = async {
        sleep(A_WHILE / 2).await;
        process.kill();
    };

    let (answer, ()) = tokio::join!(call, kill);

    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert!(
        status.message().contains("the connection was lost"),
        "{status}"
    );
}

#[tokio::test]
async fn a_service_that_is_down_is_unavailable_soon_and_found_when_it_is_back() {
    let address = nobody();
    let channel = Name::of([&address]).channel(HASTE);
    let asked_at = Instant::now();

    let status = ask(&channel, "/who", &[]).await.unwrap_err();

    assert!(asked_at.elapsed() < 2 * HASTE.patience);
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    for part in ["service:1", &address.to_string()] {
        assert!(status.message().contains(part), "{part} in {status}");
    }
    let _back = Process::on(address);
    assert_eq!(who(&channel).await, address);
}

#[tokio::test]
async fn a_call_waits_for_a_process_that_is_just_starting() {
    let address = nobody();
    let channel = Name::of([&address]).channel(HASTE);
    let starting = async {
        sleep(HASTE.patience / 2).await;
        Process::on(address)
    };

    let (answered_by, _process) = tokio::join!(who(&channel), starting);

    assert_eq!(answered_by, address);
}

#[tokio::test]
async fn a_new_address_is_found_and_one_that_left_is_forgotten_but_finishes_its_calls() {
    let (old, new) = (Process::start(), Process::start());
    let name = Name::of([&old.address]);
    let channel = name.channel(HASTE);
    assert_eq!(who(&channel).await, old.address);
    let running = ask(&channel, "/slow", &[]);
    let moving = async {
        sleep(A_WHILE / 10).await;
        name.set([&new.address]);
        sleep(A_WHILE * 7 / 10).await;
        shares(&channel, 10).await
    };

    let (finished, shares) = tokio::join!(running, moving);

    assert_eq!(finished.unwrap(), "at last");
    assert_eq!(shares, BTreeMap::from([(new.address, 10)]));
}

#[tokio::test]
async fn while_a_name_cannot_be_resolved_what_is_known_stays() {
    let process = Process::start();
    let name = Name::of([&process.address]);
    let channel = name.channel(HASTE);
    assert_eq!(who(&channel).await, process.address);

    name.set([]);
    sleep(A_WHILE).await;

    assert_eq!(who(&channel).await, process.address);
}

#[tokio::test]
async fn a_connection_is_replaced_when_it_is_old_and_no_call_is_lost() {
    let process = Process::start();
    let pace = Pace {
        longest_life: Duration::from_millis(300),
        ..HASTE
    };
    let channel = Name::of([&process.address]).channel(pace);
    let mut connections = BTreeSet::new();

    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        connections.insert(ask(&channel, "/connection", &[]).await.unwrap());
        sleep(Duration::from_millis(5)).await;
    }

    assert!((3..=10).contains(&connections.len()), "{connections:?}");
}

#[tokio::test]
async fn a_deadline_holds_from_the_wait_for_a_connection_to_the_answer() {
    let process = Process::start();
    let deadline = [("grpc-timeout", "200m")];
    for address in [process.address, nobody()] {
        let channel = Name::of([&address]).channel(HASTE);
        let asked_at = Instant::now();

        let status = ask(&channel, "/slow", &deadline).await.unwrap_err();

        assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
        assert!(asked_at.elapsed() < Duration::from_millis(400));
    }
}

#[tokio::test]
async fn the_upkeep_ends_with_the_last_clone() {
    let name = Name::default();
    let channel = name.channel(HASTE);
    let other = channel.clone();
    drop(channel);
    sleep(A_WHILE).await;
    assert_eq!(Arc::strong_count(&name.0), 2, "one clone is left");

    drop(other);
    sleep(A_WHILE).await;

    assert_eq!(Arc::strong_count(&name.0), 1);
}

#[tokio::test]
async fn an_url_that_leads_nowhere_is_told() {
    for url in [
        "stock",
        "/stock",
        "http://",
        "http://st ock:1",
        "https://stock:1",
    ] {
        let refused = channel(url).unwrap_err().to_string();
        assert!(refused.contains("https://stock:50052"), "{refused}");
    }
    assert_eq!(
        hosts_and_port("http://[::1]:7").unwrap(),
        (vec!["::1".to_owned()], 7),
        "an IPv6 address is looked up without its brackets"
    );
}
