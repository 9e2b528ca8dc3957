//! `GET /graphql/ws`: any operation over `graphql-transport-ws`.
//!
//! Our own, because the library's stops short of the protocol: it has no time-out for
//! `connection_init`, lets a second subscription take over an id, closes with codes that clients
//! take for others, says what is wrong with an operation as if it had run, and reads documents
//! past the gate (docs/adr/0012). `tests/it/stock_transport.rs` notices when that changes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::header::AUTHORIZATION;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tracing::Instrument as _;

use super::asked::OperationAsked;
use super::asker::Asker;
use super::counted;
use super::operation::answers;
use super::protocol::{ClientMessage, Closing, SUBPROTOCOL, ServerMessage};
use super::running::{Running, SEND_WITHIN, send};
use super::seen::{OperationSeen, Watch};
use crate::access::Actor;
use crate::graphql::gate::{GateRefusal, Operations};
use crate::http::callers::{Caller, ClientAddress, Connecting, Shown};
use crate::http::identity::RequestId;
use crate::http::live::full;
use crate::http::problem::Problem;
use crate::http::state::AppState;
use crate::people::{Admission, Standing};
use crate::request::ErrorCode;

/// How often a silent client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// What a connection holds to read into from its beginning, and gathers before it writes; larger
/// messages get more while they last. The library's own measure is 128 KiB.
const BUFFER: usize = 4096;

/// `GET /graphql/ws`.
pub(in crate::http) async fn upgrade(
    State(state): State<AppState>,
    Extension(request_id): Extension<RequestId>,
    Extension(Connecting(admission)): Extension<Connecting>,
    client: Option<Extension<ClientAddress>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|_not_an_upgrade| {
        let detail = "This is a WebSocket: connect with the subprotocol graphql-transport-ws";
        Problem::new(ErrorCode::BadRequest, detail)
    })?;
    // A header already says who it is; browsers can't send one and say it in `connection_init`.
    let from = client.map_or(ClientAddress::UNKNOWN, |Extension(client)| client).0;
    let place = match admission {
        Some(_) => state.live.place(),
        // Whoever has not said the token yet takes no place from those who have.
        None => state.live.place_to_connect(),
    };
    let place = place.ok_or_else(full)?;
    let span = tracing::Span::current();
    let largest = state.gate.limits().body_bytes;
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(largest)
        .max_frame_size(largest)
        .on_upgrade(move |socket| {
            let session = Session::new((state, request_id), from, admission, place);
            session.serve(socket).instrument(span)
        })
        .into_response())
}

/// One connection.
struct Session {
    state: AppState,
    request_id: RequestId,
    /// From where it was connected.
    from: IpAddr,
    /// Who connects, as far as the request's headers say.
    from_headers: Option<Admission>,
    /// One of those to stay, or one of those to connect: until `connection_init` was accepted,
    /// where the headers do not say who it is.
    place: OwnedSemaphorePermit,
    /// Who speaks, once `connection_init` was accepted, and whether they still may.
    speaker: Option<(Actor, Standing)>,
    /// Resolves when they may no more.
    ended: BoxFuture<'static, ()>,
    /// What its subscriptions may still cost.
    budget: Arc<Semaphore>,
    running: Running,
}

/// What to do after a message.
type Next = Result<Option<Message>, Closing>;

impl Session {
    fn new(
        (state, request_id): (AppState, RequestId),
        from: IpAddr,
        from_headers: Option<Admission>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let (speaker, ended) = (None, std::future::pending().boxed());
        let budget = Arc::new(Semaphore::new(state.gate.limits().cost));
        let running = Running::default();
        Self { state, request_id, from, from_headers, place, speaker, ended, budget, running }
    }

    async fn serve(mut self, mut socket: WebSocket) {
        metrics::gauge!("clinic_websocket_connections").increment(1);
        if let Some(closing) = self.speak(&mut socket).await {
            drop(send(&mut socket, closing.into()).await);
        }
        metrics::gauge!("clinic_websocket_connections").decrement(1);
    }

    /// Listens and answers until the client is gone, or why it is to be sent away.
    async fn speak(&mut self, socket: &mut WebSocket) -> Option<Closing> {
        if socket.protocol().is_none() {
            return Some(Closing::SubprotocolNotAcceptable);
        }
        let init_until = Instant::now() + self.state.live.limits.init_within;
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent = false;
        let closed = self.state.live.closed();
        tokio::pin!(closed);
        loop {
            let next = tokio::select! {
                message = socket.recv() => {
                    silent = false;
                    match message {
                        Some(Ok(Message::Text(text))) => self.hear(text.as_str()).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
                        Some(Ok(Message::Binary(_))) => Err(Closing::BadMessage),
                        Some(Err(error)) => Err(Closing::after(&error)?),
                        Some(Ok(Message::Close(_))) => {
                            // The library has an answer to it, which reading on sends.
                            drop(timeout(SEND_WITHIN, socket.recv()).await);
                            return None;
                        }
                        None => return None,
                    }
                }
                Some(news) = self.running.next() => {
                    self.running.tell(news, socket).await?;
                    Ok(None)
                }
                _ = pings.tick() => {
                    if silent {
                        return None;
                    }
                    silent = true;
                    Ok(Some(Message::Ping(Vec::new().into())))
                }
                () = sleep_until(init_until), if self.speaker.is_none() => Err(Closing::InitTimeout),
                () = &mut self.ended, if self.speaker.is_some() => Err(Closing::Forbidden),
                () = &mut closed => Err(Closing::ServerStops),
            };
            match next {
                Ok(None) => {}
                Ok(Some(message)) => send(socket, message).await.ok()?,
                Err(closing) => return Some(closing),
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Next {
        match ClientMessage::read(text).ok_or(Closing::BadMessage)? {
            ClientMessage::ConnectionInit { payload } => self.init(payload.as_ref()).await,
            ClientMessage::Ping { payload } => Ok(Some(ServerMessage::Pong { payload }.into())),
            ClientMessage::Pong { .. } => Ok(None),
            ClientMessage::Subscribe { id, payload } => self.subscribe(id.0, payload.0),
            ClientMessage::Complete { id } => {
                self.running.abort(&id.0);
                Ok(None)
            }
        }
    }

    async fn init(&mut self, payload: Option<&Map<String, Json>>) -> Next {
        if self.speaker.is_some() {
            return Err(Closing::TooManyInits);
        }
        let admission = match self.from_headers.take() {
            Some(admission) => admission,
            None => {
                let shown = Shown::token(payload.and_then(token_in), self.from);
                let admission = self.state.access.admit(&shown).await.map_err(Closing::of)?;
                self.place = self.state.live.place().ok_or(Closing::Full)?;
                admission
            }
        };
        let standing = self.state.access.standing(&admission);
        self.ended = standing.clone().ended().boxed();
        self.speaker = Some((admission.actor, standing));
        Ok(Some(ServerMessage::ConnectionAck.into()))
    }

    fn subscribe(&mut self, id: String, payload: Json) -> Next {
        let (actor, standing) = self.speaker.clone().ok_or(Closing::Unauthorized)?;
        let actor = actor.asking(Some(self.from), Some(&self.request_id.0));
        if self.running.has(&id) {
            return Err(Closing::SubscriberExists(id));
        }
        let most = self.state.live.limits.operations;
        let asked = OperationAsked::of(&payload);
        let admitted = if self.running.count() < most {
            let admitted = self.state.gate.admit(payload, Operations::All);
            counted(&self.state, Caller::of(&actor, self.from), admitted)
        } else {
            Err(GateRefusal::too_complex(format!(
                "At most {most} operations run at once over one connection"
            )))
        };
        let request = match admitted {
            Ok(request) => request,
            Err(refusal) => {
                OperationSeen::refused(&self.state.operations, asked, refusal.code()).log();
                let errors = refusal.into_errors();
                return Ok(Some(ServerMessage::Error { id: &id, payload: &errors }.into()));
            }
        };
        let watch = Watch::begin(&self.state.operations, &request);
        let (request_id, budget) = (self.request_id.clone(), Some(Arc::clone(&self.budget)));
        let by = Asker { actor, standing, request_id, budget };
        self.running.add(id, answers(&self.state, by, request, watch));
        Ok(None)
    }
}

/// The token in the payload of `connection_init`: under the name of the header, which has no case,
/// with the scheme or bare.
fn token_in(payload: &Map<String, Json>) -> Option<&str> {
    let mut named =
        payload.iter().filter(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()));
    let token = named.find_map(|(_, value)| value.as_str())?.trim();
    Some(match token.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => token,
    })
}
