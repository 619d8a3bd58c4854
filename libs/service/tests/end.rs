//! How a service ends: in order when it is asked to, at once when a part of it
//! is gone.
#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use demeter_config::{Env, Reader};
use demeter_grpc::Server;
use demeter_service::{Frame, Ports, Service, Settings};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const WITHIN: Duration = Duration::from_secs(1);

async fn frame() -> Frame {
    let env = Env::from_pairs([
        ("TEST_LISTEN", "127.0.0.1:0"),
        ("TEST_OPS_LISTEN", "127.0.0.1:0"),
        ("MESH_TLS", "off"),
    ]);
    let reader = Reader::new(&env);
    let settings = Settings::read(&reader, "test", Ports { grpc: 1, ops: 2 });
    Frame::bind(&settings).await.unwrap()
}

fn serving(mut frame: Frame) -> Service {
    let open = Arc::new(|_: &mut _| Ok(()));
    let server = Server::new(demeter_proto::DESCRIPTOR_SET, open, frame.registry());
    frame.serving(server)
}

#[expect(clippy::disallowed_methods, reason = "every test waits for it")]
fn start(service: Service, shutdown: &CancellationToken) -> JoinHandle<anyhow::Result<()>> {
    tokio::spawn(service.serve(shutdown.clone()))
}

async fn error_of(frame: Frame) -> String {
    let serving = serving(frame).serve(CancellationToken::new());
    let outcome = tokio::time::timeout(WITHIN, serving).await.unwrap();
    format!("{:#}", outcome.unwrap_err())
}

async fn readyz(ops: SocketAddr) -> String {
    let answer = reqwest::get(format!("http://{ops}/readyz")).await.unwrap();
    answer.text().await.unwrap()
}

#[tokio::test]
async fn a_worker_that_panics_ends_the_service_with_what_it_said() {
    let mut frame = frame().await;
    // Without the hook of a panic, which takes its time to print where it was.
    frame.worker("brittle", async {
        std::panic::resume_unwind(Box::new("no more pots"))
    });

    let error = error_of(frame).await;

    assert_eq!(error, "test: the worker brittle panicked: no more pots");
}

#[tokio::test]
async fn a_worker_that_fails_ends_the_service_with_its_error() {
    let mut frame = frame().await;
    frame.worker("brittle", async { anyhow::bail!("no water") });

    let error = error_of(frame).await;

    assert_eq!(error, "test: the worker brittle failed: no water");
}

#[tokio::test]
async fn a_worker_that_has_nothing_more_to_do_ends_the_service_too() {
    let mut frame = frame().await;
    frame.worker("brief", async { Ok(()) });

    let error = error_of(frame).await;

    assert_eq!(error, "test: the worker brief stopped by itself");
}

#[tokio::test]
async fn a_worker_that_does_not_listen_cannot_hold_up_the_end_after_a_fault() {
    let mut frame = frame().await;
    frame.worker("deaf", std::future::pending());
    frame.worker("brittle", async { anyhow::bail!("no water") });

    let error = error_of(frame).await;

    assert!(error.contains("brittle"), "{error}");
}

#[tokio::test]
async fn asked_to_end_it_is_no_longer_ready_finishes_its_work_and_closes_the_rest_last() {
    let mut frame = frame().await;
    let (finish, closed) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (stopping, may_finish) = (frame.stopping(), finish.clone());
    frame.worker("slow", async move {
        stopping.cancelled().await;
        may_finish.notified().await;
        Ok(())
    });
    let close = closed.clone();
    frame.last(async move { close.store(true, Ordering::SeqCst) });
    let service = serving(frame);
    let (grpc, ops) = (service.grpc_addr(), service.ops_addr());
    let shutdown = CancellationToken::new();
    let running = start(service, &shutdown);
    let before = readyz(ops).await;

    shutdown.cancel();
    while TcpStream::connect(grpc).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let meanwhile = readyz(ops).await;
    assert!(!closed.load(Ordering::SeqCst), "work goes on");
    finish.notify_one();
    let outcome = tokio::time::timeout(WITHIN, running).await.unwrap();

    outcome.unwrap().unwrap();
    assert!(before.contains("\"ready\""), "{before}");
    assert!(meanwhile.contains("the service is ending"), "{meanwhile}");
    assert!(closed.load(Ordering::SeqCst), "the rest is closed");
    assert!(TcpStream::connect(ops).await.is_err(), "the ops port too");
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_before_anything_else() {
    let taken = frame().await;
    let address = serving(taken);
    let env =
        Env::from_pairs([("TEST_LISTEN", address.grpc_addr().to_string())]).with("MESH_TLS", "off");
    let reader = Reader::new(&env);
    let settings = Settings::read(&reader, "test", Ports { grpc: 1, ops: 0 });

    let refused = Frame::bind(&settings).await.err().unwrap();

    let refused = format!("{refused:#}");
    assert!(
        refused.contains(&address.grpc_addr().to_string()),
        "{refused}"
    );
}
