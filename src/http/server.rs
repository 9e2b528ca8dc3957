//! The connections: how many there are, how long they may be silent, and how they end.
//!
//! Our own loop, because axum's sets no timer for hyper: who sends a header a minute, or reads an
//! answer never, would be waited for without end.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower::Layer as _;

use super::callers::PeerAddress;

/// How long a client may take none of what is written to it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);

/// What connections may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at once; further ones wait until one has ended. A WebSocket does not count
    /// once it is open: [`LiveLimits`](super::LiveLimits) does.
    pub connections: usize,
    /// How long the headers of a request may take to arrive, counted from the end of the answer
    /// before: so long, too, an idle connection is kept.
    pub headers_within: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        // Load balancers keep idle connections for a minute, and must not be the later ones.
        Self { connections: 2000, headers_within: Duration::from_secs(75) }
    }
}

/// Serves until `shutdown`, then lets every connection end what it has begun.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.headers_within);
    let places = Arc::new(Semaphore::new(limits.connections));
    let (closing, closed) = watch::channel(false);
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            // Axum's, which outlasts a process that has run out of files.
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (tcp, peer)) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        let served = Extension(PeerAddress(peer.ip())).layer(router.clone());
        let served = TowerToHyperService::new(served);
        let connection = http.serve_connection(TokioIo::new(timed(tcp)), served).with_upgrades();
        let mut closed = closed.clone();
        tokio::spawn(async move {
            let _kept = place;
            let mut connection = pin!(connection);
            // How a connection ends is its client's affair.
            tokio::select! {
                _ended = connection.as_mut() => return,
                () = async { drop(closed.wait_for(|closing| *closing).await) } => {}
            }
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        });
    }
    drop((listener, closed));
    closing.send_replace(true);
    closing.closed().await;
}

/// The connection, given up when the client does not read.
fn timed(tcp: TcpStream) -> Pin<Box<TimeoutStream<TcpStream>>> {
    // What is written goes out at once, small as it is: an event does not wait for the next.
    drop(tcp.set_nodelay(true));
    let mut timed = TimeoutStream::new(tcp);
    timed.set_write_timeout(Some(WRITTEN_WITHIN));
    Box::pin(timed)
}
