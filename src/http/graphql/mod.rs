//! GraphQL over HTTP: what a request may look like, and which status and media type answer it.
//!
//! Our own handler over the schema, because the stock one runs mutations over GET and from
//! `text/plain`, and answers invalid documents with 200.

mod ahead;
mod answer;
mod asked;
mod asker;
mod event_stream;
mod media_type;
mod message;
mod operation;
mod protocol;
mod running;
mod seen;
mod share;
mod telling;
mod told;
pub(super) mod websocket;

pub use self::seen::OperationNames;
pub(super) use self::seen::OperationSeen;

use async_graphql::Response as Answer;
use axum::Extension;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::{ACCEPT, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Map, Value as Json};

use self::asked::OperationAsked;
use self::asker::Asker;
use self::event_stream::Streaming;
use self::media_type::MediaType;
use self::seen::Watch;
use super::body::{is_json, not_json, read_bytes};
use super::callers::{Caller, Speaker, whole_seconds};
use super::idempotency::{REPLAYED, idempotency_key};
use super::identity::RequestId;
use super::live;
use super::pages::graphiql::graphiql;
use super::problem::Problem;
use super::query_string::QueryParameters;
use super::state::AppState;
use crate::access::Actor;
use crate::graphql::gate::{AdmittedRequest, GateRefusal, Operations};
use crate::graphql::{Loaders, batched};
use crate::request::ErrorCode;

/// The program that asks, where it is one of ours.
const CLIENT: HeaderName = HeaderName::from_static("x-clinic-client");

/// `POST /graphql`.
pub(super) async fn post(
    State(state): State<AppState>,
    Extension(speaker): Extension<Speaker>,
    Extension(caller): Extension<Caller>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let media_type = MediaType::negotiated(&headers);
    let streaming = Streaming::accepted(&headers);
    if media_type.is_none() && streaming.is_none() {
        return Err(not_acceptable());
    }
    if !is_json(&headers) {
        return Err(not_json());
    }
    let bytes = read_bytes(&headers, body, state.gate.limits().body_bytes).await?;
    let operations =
        if streaming.is_some() { Operations::All } else { Operations::QueriesAndMutations };
    let parameters = serde_json::from_slice::<Json>(&bytes).map_err(|_not_json| {
        GateRefusal::bad_request("The body is not JSON, or is nested too deep")
    });
    let asked = Asked::new(parameters, operations, (&state, caller))
        .and_then(|request| request.sent(idempotency_key(&headers), is_from_desk(&headers)));
    answer_to(&state, speaker, &request_id, (media_type, streaming), asked).await
}

/// Whether the page of the front desk sent it. It says so of its bookings, and nothing else follows from it.
fn is_from_desk(headers: &HeaderMap) -> bool {
    headers.get(CLIENT).is_some_and(|client| client == "desk")
}

/// `GET /graphql` of a browser: `GraphiQL`, which anybody may have. Everything else goes on to
/// be asked for the token.
pub(super) async fn page_for_browsers(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let (mut parts, body) = request.into_parts();
    if reads && accepts_html(&parts.headers) {
        let query = QueryParameters::from_request_parts(&mut parts, &()).await;
        if query.is_ok_and(|query| !query.has("query") && !query.has("extensions")) {
            let mut page = graphiql(&parts.headers);
            page.headers_mut().append(VARY, HeaderValue::from_static("accept"));
            return page;
        }
    }
    next.run(Request::from_parts(parts, body)).await
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| value.contains("text/html"))
}

/// `GET /graphql` of a client: queries.
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(speaker): Extension<Speaker>,
    Extension(caller): Extension<Caller>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let media_type = MediaType::negotiated(&headers).ok_or_else(not_acceptable)?;
    let parameters = from_query_string(query).map(Json::Object);
    let asked = Asked::new(parameters, Operations::Queries, (&state, caller));
    answer_to(&state, speaker, &request_id, (Some(media_type), None), asked).await
}

/// The parameters of a request as a query string spells them.
fn from_query_string(mut query: QueryParameters) -> Result<Map<String, Json>, GateRefusal> {
    let mut parameters = Map::new();
    for name in ["query", "operationName"] {
        parameters.extend(query.text(name).map(|text| (name.to_owned(), Json::String(text))));
    }
    for name in ["variables", "extensions"] {
        if let Some(text) = query.text(name) {
            let value = serde_json::from_str(&text).map_err(|_not_json| {
                GateRefusal::bad_request("variables and extensions must be JSON objects")
            })?;
            parameters.insert(name.to_owned(), value);
        }
    }
    Ok(parameters)
}

/// A request that has passed the gate, or not, and what it is called.
struct Asked {
    operation: OperationAsked,
    admitted: Result<AdmittedRequest, GateRefusal>,
}

impl Asked {
    fn new(
        parameters: Result<Json, GateRefusal>,
        operations: Operations,
        (state, caller): (&AppState, Caller),
    ) -> Self {
        let operation = parameters.as_ref().map(OperationAsked::of).unwrap_or_default();
        let admitted = parameters.and_then(|parameters| state.gate.admit(parameters, operations));
        let admitted = counted(state, caller, admitted);
        Self { operation, admitted }
    }

    fn and_then(
        self,
        further: impl FnOnce(AdmittedRequest) -> Result<AdmittedRequest, GateRefusal>,
    ) -> Self {
        Self { admitted: self.admitted.and_then(further), ..self }
    }
}

/// Counts a request where that is limited, also one that is refused: each of its changes by itself,
/// or a caller had many for the price of one. With too many none of them is made.
fn counted(
    state: &AppState,
    caller: Caller,
    admitted: Result<AdmittedRequest, GateRefusal>,
) -> Result<AdmittedRequest, GateRefusal> {
    let changes = admitted.as_ref().map_or(0, AdmittedRequest::changes);
    state.rate.count(caller, changes).map_err(|too_much| match too_much.retry_after {
        Some(wait) => GateRefusal::rate_limited(too_much.message(), whole_seconds(wait)),
        // Who was told to wait would wait for ever.
        None => GateRefusal::too_complex(too_much.message()),
    })?;
    admitted
}

/// The answer in one of the forms that the client takes.
async fn answer_to(
    state: &AppState,
    Speaker { actor, standing }: Speaker,
    request_id: &RequestId,
    (media_type, streaming): (Option<MediaType>, Option<Streaming>),
    Asked { operation, admitted }: Asked,
) -> Result<Response, Problem> {
    // Whoever takes both gets a stream for what has many answers only.
    let has_many = admitted.as_ref().is_ok_and(AdmittedRequest::is_subscription);
    let streaming = streaming.filter(|_| has_many || media_type.is_none());
    let media_type = media_type.unwrap_or(MediaType::GraphqlResponse);
    let (mut response, seen) = match admitted {
        Ok(request) => match streaming {
            Some(streaming) => {
                let place = state.live.place().ok_or_else(live::full)?;
                let watch = Watch::begin(&state.operations, &request);
                let seen = watch.open();
                let request_id = request_id.clone();
                let asker = Asker { actor, standing: standing.clone(), request_id, budget: None };
                let answers = operation::answers(state, asker, request, watch);
                (streaming.respond(answers, (&state.live, standing), place), seen)
            }
            None => run(state, actor, request_id, media_type, request).await,
        },
        Err(refusal) => {
            let seen = OperationSeen::refused(&state.operations, operation, refusal.code());
            // The protocols tell in the stream what is wrong with a document: their clients take
            // any other status for a broken connection, and try again.
            let response = match streaming.filter(|_| !refusal.is_malformed()) {
                Some(streaming) => streaming.refuse(&Answer::from_errors(refusal.into_errors())),
                None => answer::refused(refusal, media_type),
            };
            (response, seen)
        }
    };
    response.extensions_mut().insert(seen);
    Ok(response)
}

/// Runs what has one answer.
async fn run(
    state: &AppState,
    actor: Actor,
    request_id: &RequestId,
    media_type: MediaType,
    request: AdmittedRequest,
) -> (Response, OperationSeen) {
    let mut watch = Watch::begin(&state.operations, &request);
    let notes = request.notes();
    // With several changes nobody could tell which of them it is about.
    let one_change = request.changes() == 1;
    let asked = request.asked();
    let loaders = Loaders::new(state.services.clone(), actor.clone());
    let mut answer = batched(state.schema.execute(request, actor.clone(), loaders)).await;
    if let Err(cause) = state.services.trail.answered(&actor, || asked.into()).await {
        answer = answer::not_recorded(&cause);
    }
    answer::complete(&mut answer.errors, request_id);
    watch.hear(&answer);
    let mut response = answer::answered(answer, media_type);
    if one_change && notes.is_replayed() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    (response, watch.end())
}

fn not_acceptable() -> Problem {
    let detail = "Answers are application/graphql-response+json or application/json, and text/event-stream \
                  or multipart/mixed;subscriptionSpec=1.0 for subscriptions";
    Problem::new(ErrorCode::NotAcceptable, detail)
}
