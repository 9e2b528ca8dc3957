//! GraphQL over HTTP: what a request may look like, and which status and media type answer it.
//!
//! Our own handler over the schema, because the stock one runs mutations over GET and from
//! `text/plain`, and answers invalid documents with 200.

mod answer;
mod event_stream;
mod media_type;
mod operation;
mod protocol;
pub(super) mod websocket;

use axum::Extension;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::{ACCEPT, VARY};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Map, Value as Json};

use self::event_stream::Streaming;
use self::media_type::MediaType;
use super::body::{is_json, read_bytes};
use super::live;
use super::middleware::RequestId;
use super::pages::graphiql::graphiql;
use super::problem::Problem;
use super::query_string::QueryParameters;
use super::state::AppState;
use crate::access::Actor;
use crate::graphql::gate::{AdmittedRequest, GateRefusal, Operations};
use crate::graphql::{Loaders, batched};
use crate::request::ErrorCode;

/// `POST /graphql`.
pub(super) async fn post(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
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
        let detail = "The body must be JSON, and say so: -H 'Content-Type: application/json'";
        return Err(Problem::new(ErrorCode::UnsupportedMediaType, detail));
    }
    let bytes = read_bytes(body, state.gate.limits().body_bytes).await?;
    let operations =
        if streaming.is_some() { Operations::All } else { Operations::QueriesAndMutations };
    let admitted = serde_json::from_slice::<Json>(&bytes)
        .map_err(|_not_json| {
            GateRefusal::bad_request("The body is not JSON, or is nested too deep")
        })
        .and_then(|request| state.gate.admit(request, operations));
    // Whoever takes both gets a stream for what has many answers only.
    let has_many = admitted.as_ref().is_ok_and(AdmittedRequest::is_subscription);
    match (streaming.filter(|_| has_many || media_type.is_none()), admitted) {
        (Some(streaming), Ok(request)) => {
            let place = state.live.place().ok_or_else(live::full)?;
            let answers = operation::answers(&state, actor, &request_id, request);
            Ok(streaming.respond(answers, &state.live, place))
        }
        (_, admitted) => {
            let media_type = media_type.unwrap_or(MediaType::GraphqlResponse);
            Ok(run(&state, actor, &request_id, media_type, admitted).await)
        }
    }
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
    Extension(actor): Extension<Actor>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let media_type = MediaType::negotiated(&headers).ok_or_else(not_acceptable)?;
    let admitted = from_query_string(query)
        .and_then(|parameters| state.gate.admit(Json::Object(parameters), Operations::Queries));
    Ok(run(&state, actor, &request_id, media_type, admitted).await)
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

async fn run(
    state: &AppState,
    actor: Actor,
    request_id: &RequestId,
    media_type: MediaType,
    admitted: Result<AdmittedRequest, GateRefusal>,
) -> Response {
    match admitted {
        Err(refusal) => answer::refused(refusal, media_type),
        Ok(request) => {
            let loaders = Loaders::new(state.services.clone(), actor.clone());
            let answer = batched(state.schema.execute(request, actor, loaders)).await;
            answer::answered(answer, request_id, media_type)
        }
    }
}

fn not_acceptable() -> Problem {
    let detail = "Answers are application/graphql-response+json or application/json, and text/event-stream \
                  or multipart/mixed;subscriptionSpec=1.0 for subscriptions";
    Problem::new(ErrorCode::NotAcceptable, detail)
}
