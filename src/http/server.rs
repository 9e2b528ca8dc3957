//! The connections: how many there are, how long they may be silent, and how they end.
//!
//! Our own loop, because axum's sets no timer for hyper: who sends a header a minute, or reads an
//! answer never, would be waited for without end; and because whoever asks how the server is must
//! be answered when all places are taken.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower::Service as _;

use super::callers::PeerAddress;
use super::connections::{Asking, Connection, Connections};
use super::health::is_about_health;
use super::live::full;

/// How long a client may take none of what is written to it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);
/// How long the headers of the first request may take to arrive.
const FIRST_HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Connections beyond the places, until it is known what they ask for: health is answered there,
/// and everything else gets a place first.
const BEYOND: usize = 64;
/// How long a request waits for a place.
const PLACE_WITHIN: Duration = Duration::from_secs(10);

/// What connections may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at once. When there are more, the silent ones make room, and requests wait for it;
    /// what asks for the server's health does not. A WebSocket does not count once it is open:
    /// [`LiveLimits`](super::LiveLimits) does.
    pub connections: usize,
    /// How long the headers of a request may take to arrive, counted from the end of the answer
    /// before: so long, too, an idle connection is kept. For the first it is 10 s at most.
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
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.headers_within);
    let doors = Doors {
        places: Arc::new(Semaphore::new(limits.connections)),
        beyond: Arc::new(Semaphore::new(BEYOND)),
        connections: Arc::default(),
    };
    let first_within = limits.headers_within.min(FIRST_HEADERS_WITHIN);
    let (closing, closed) = watch::channel(false);
    let mut shutdown = pin!(shutdown);
    loop {
        let (tcp, peer, place) = tokio::select! {
            next = doors.next(&listener) => next,
            () = &mut shutdown => break,
        };
        let opened = doors.connections.opened();
        let visitor = Arc::new(Visitor {
            peer,
            connection: Arc::clone(&opened.0),
            places: Arc::clone(&doors.places),
            place: Mutex::new(place),
        });
        let (router, seen) = (router.clone(), Arc::clone(&visitor));
        let served = service_fn(move |request| Arc::clone(&seen).ask(router.clone(), request));
        let connection = http.serve_connection(TokioIo::new(timed(tcp)), served).with_upgrades();
        let mut closed = closed.clone();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let silent = async {
                sleep(first_within).await;
                if visitor.connection.has_asked() {
                    std::future::pending::<()>().await;
                }
            };
            // How a connection ends is its client's affair.
            tokio::select! {
                _ended = connection.as_mut() => return,
                () = silent => return,
                () = opened.0.to_be_ended() => return,
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

/// Where connections come in.
struct Doors {
    places: Arc<Semaphore>,
    beyond: Arc<Semaphore>,
    connections: Arc<Connections>,
}

/// What a connection is let in by.
enum Place {
    /// For whatever it asks.
    Any { _held: OwnedSemaphorePermit },
    /// Until it is known what it asks.
    Beyond { _held: OwnedSemaphorePermit },
}

impl Doors {
    /// The next connection, and the place that it has.
    async fn next(&self, listener: &TcpListener) -> (TcpStream, IpAddr, Place) {
        let (tcp, peer) = loop {
            match listener.accept().await {
                Ok((tcp, peer)) => break (tcp, peer.ip()),
                Err(error) if is_of_the_client(&error) => {}
                // Out of files, perhaps: a silent connection has one.
                Err(_) if self.connections.end_one() => sleep(Duration::from_millis(10)).await,
                Err(error) => {
                    tracing::error!(%error, "No connection can be accepted");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        };
        if let Ok(held) = Arc::clone(&self.places).try_acquire_owned() {
            return (tcp, peer, Place::Any { _held: held });
        }
        let place = async {
            tokio::select! {
                biased;
                Ok(held) = Arc::clone(&self.places).acquire_owned() => Place::Any { _held: held },
                Ok(held) = Arc::clone(&self.beyond).acquire_owned() => Place::Beyond { _held: held },
                else => std::future::pending().await,
            }
        };
        (tcp, peer, self.connections.making_room(place).await)
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    let kinds =
        [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::ConnectionRefused];
    kinds.contains(&error.kind())
}

/// Who is at the other end.
struct Visitor {
    peer: IpAddr,
    connection: Arc<Connection>,
    places: Arc<Semaphore>,
    place: Mutex<Place>,
}

impl Visitor {
    /// Answers a request, as soon as it has a place.
    async fn ask(
        self: Arc<Self>,
        mut router: Router,
        request: Request<Incoming>,
    ) -> Result<Response<Answering>, Infallible> {
        let asking = self.connection.asks();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(PeerAddress(self.peer));
        let response = if is_about_health(request.uri().path()) || self.takes_a_place().await {
            router.call(request).await?
        } else {
            full().into_response()
        };
        Ok(response.map(|body| Answering { body, _asking: asking }))
    }

    /// Whether it has a place, or gets one in time.
    async fn takes_a_place(&self) -> bool {
        if matches!(*self.lock(), Place::Any { .. }) {
            return true;
        }
        let place = Arc::clone(&self.places).acquire_owned();
        let place = timeout(PLACE_WITHIN, self.connection.of.making_room(place)).await;
        let Ok(Ok(held)) = place else { return false };
        *self.lock() = Place::Any { _held: held };
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of an answer, whose connection is not silent until it is sent.
struct Answering {
    body: Body,
    _asking: Asking,
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The connection, given up when the client does not read.
fn timed(tcp: TcpStream) -> Pin<Box<TimeoutStream<TcpStream>>> {
    // What is written goes out at once, small as it is: an event does not wait for the next.
    drop(tcp.set_nodelay(true));
    let mut timed = TimeoutStream::new(tcp);
    timed.set_write_timeout(Some(WRITTEN_WITHIN));
    Box::pin(timed)
}
