//! GraphQL over HTTP: what a request may look like, and which status and media type answer it.
//!
//! Our own handler over the schema, because the stock one runs mutations over GET and from
//! `text/plain`, and answers invalid documents with 200.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Request, Response as Answer, ServerError, Value, Variables};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::AppState;
use super::body::{is_json, read_bytes};
use super::fields::QueryParameters;
use super::middleware::RequestId;
use super::playground;
use super::problem::Problem;
use crate::booking::{Actor, ErrorCode};
use crate::graphql::guard::{Refusal, nests_too_deep, weigh};
use crate::graphql::{Loaders, batched};

/// The two media types that answer, the newer first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MediaType {
    GraphqlResponse,
    Json,
}

impl MediaType {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The one that `Accept` prefers; none when it takes neither.
    fn negotiated(headers: &HeaderMap) -> Option<Self> {
        let Some(accept) = headers.get(ACCEPT) else { return Some(Self::Json) };
        let accept = accept.to_str().unwrap_or_default();
        let mut ranges: Vec<(f32, Self)> = accept.split(',').filter_map(Self::range).collect();
        // Stable, so that of equals the one named first wins.
        ranges.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        ranges.first().map(|(_, media_type)| *media_type)
    }

    fn range(range: &str) -> Option<(f32, Self)> {
        let mut parts = range.split(';').map(str::trim);
        let media_type = match parts.next()?.to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => Self::GraphqlResponse,
            "application/json" | "*/*" | "application/*" => Self::Json,
            _ => return None,
        };
        let quality =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
        (quality > 0.0).then_some((quality, media_type))
    }
}

/// `POST /graphql`.
pub(super) async fn post(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let media_type = MediaType::negotiated(&headers).ok_or_else(not_acceptable)?;
    if !is_json(&headers) {
        let detail = "The body must be JSON, and say so: -H 'Content-Type: application/json'";
        return Err(Problem::new(ErrorCode::UnsupportedMediaType, detail));
    }
    let bytes = read_bytes(body).await?;
    let parsed = serde_json::from_slice::<Json>(&bytes)
        .map_err(|_not_json| refusal(ErrorCode::BadRequest, "The body is not JSON"))
        .and_then(read_parameters);
    let run = match parsed {
        Ok(parameters) => parameters.prepare(false),
        Err(refused) => Err(refused),
    };
    Ok(answer(&state, actor, &request_id, media_type, run).await)
}

/// `GET /graphql`: `GraphiQL` for a browser, queries for a client.
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let accepts = |media_type: &str| {
        headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains(media_type))
    };
    let document = query.text("query");
    if document.is_none() && accepts("text/html") {
        let mut page = playground::graphiql(&headers);
        page.headers_mut().append(VARY, HeaderValue::from_static("accept"));
        return Ok(page);
    }
    let media_type = MediaType::negotiated(&headers).ok_or_else(not_acceptable)?;
    let mut parameters = Map::new();
    parameters.extend(document.map(|text| ("query".to_owned(), Json::String(text))));
    parameters.extend(
        query.text("operationName").map(|text| ("operationName".to_owned(), Json::String(text))),
    );
    let mut malformed = false;
    for name in ["variables", "extensions"] {
        if let Some(text) = query.text(name) {
            match serde_json::from_str(&text) {
                Ok(value) => drop(parameters.insert(name.to_owned(), value)),
                Err(_not_json) => malformed = true,
            }
        }
    }
    let run = if malformed {
        Err(refusal(ErrorCode::BadRequest, "variables and extensions must be JSON objects"))
    } else {
        read_parameters(Json::Object(parameters)).and_then(|parameters| parameters.prepare(true))
    };
    Ok(answer(&state, actor, &request_id, media_type, run).await)
}

/// Why a request is not run: the status for clients of the newer media type, and the error.
struct Refused {
    status: StatusCode,
    error: Box<ServerError>,
    /// The request itself is malformed, so that the older media type has an error status as well.
    always: bool,
}

fn refusal(code: ErrorCode, message: &str) -> Refused {
    let always = matches!(code, ErrorCode::BadRequest | ErrorCode::MethodNotAllowed);
    let status = if code == ErrorCode::MethodNotAllowed {
        StatusCode::METHOD_NOT_ALLOWED
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut error = ServerError::new(message, None);
    set_extension(&mut error, "code", code.as_str());
    Refused { status, error: Box::new(error), always }
}

/// The parameters of a request, well-formed.
struct Parameters {
    query: String,
    operation_name: Option<String>,
    variables: Map<String, Json>,
}

fn read_parameters(body: Json) -> Result<Parameters, Refused> {
    let bad = |message: &str| refusal(ErrorCode::BadRequest, message);
    let Json::Object(mut body) = body else {
        return Err(bad("The body must be one JSON object; batches are not served"));
    };
    let object = |value: Option<Json>| match value {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(bad("variables and extensions must be JSON objects")),
    };
    let operation_name = match body.remove("operationName") {
        None | Some(Json::Null) => None,
        Some(Json::String(name)) => Some(name),
        Some(_) => return Err(bad("operationName must be a string")),
    };
    let variables = object(body.remove("variables"))?;
    object(body.remove("extensions"))?;
    match body.remove("query") {
        Some(Json::String(query)) => Ok(Parameters { query, operation_name, variables }),
        _ => Err(bad("query must be a string: the GraphQL document")),
    }
}

impl Parameters {
    fn prepare(self, only_queries: bool) -> Result<Request, Refused> {
        if nests_too_deep(&self.query) {
            return Err(refusal(ErrorCode::QueryTooComplex, "The document is nested too deep"));
        }
        let document = parse_query(&self.query).map_err(|_syntax| {
            refusal(ErrorCode::GraphqlParseFailed, "The document is not valid GraphQL")
        })?;
        weigh(&document).map_err(|refused| match refused {
            Refusal::TooMany { .. } => refusal(ErrorCode::QueryTooComplex, &refused.to_string()),
            Refusal::Circle => refusal(ErrorCode::GraphqlValidationFailed, &refused.to_string()),
        })?;
        // Which of several operations is meant may not be known; executing will say so.
        if let Some(operation) = chosen_operation(&document, self.operation_name.as_deref()) {
            if only_queries && operation.ty != OperationType::Query {
                let message = "GET serves queries only; send this with POST";
                return Err(refusal(ErrorCode::MethodNotAllowed, message));
            }
            if lacks_a_variable(operation, &self.variables) {
                let message = "A variable that must have a value has none";
                return Err(refusal(ErrorCode::GraphqlValidationFailed, message));
            }
        }
        let mut request =
            Request::new(self.query).variables(Variables::from_json(Json::Object(self.variables)));
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document);
        Ok(request)
    }
}

fn chosen_operation<'a>(
    document: &'a ExecutableDocument,
    operation_name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let chosen = match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(&Name::new(name)),
        (DocumentOperations::Multiple(_), None) => None,
    };
    chosen.map(|operation| &operation.node)
}

/// Whether a variable that may not be null is: the library would let each field that uses it find
/// out, and answer those that do not.
fn lacks_a_variable(operation: &OperationDefinition, variables: &Map<String, Json>) -> bool {
    operation.variable_definitions.iter().map(|definition| &definition.node).any(|definition| {
        !definition.var_type.node.nullable
            && definition.default_value.is_none()
            && variables.get(definition.name.node.as_str()).is_none_or(Json::is_null)
    })
}

async fn answer(
    state: &AppState,
    actor: Actor,
    request_id: &RequestId,
    media_type: MediaType,
    run: Result<Request, Refused>,
) -> Response {
    let (status, body) = match run {
        Err(Refused { status, error, always }) => {
            let newer = media_type == MediaType::GraphqlResponse;
            let status = if always || newer { status } else { StatusCode::OK };
            (status, refused_body(&[*error]))
        }
        Ok(request) => {
            let request = request.data(actor).data(Loaders::new(state.service.clone()));
            render(batched(state.schema.execute(request)).await, request_id, media_type)
        }
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type.header());
    headers.insert(VARY, HeaderValue::from_static("accept"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

fn render(
    mut answer: Answer,
    request_id: &RequestId,
    media_type: MediaType,
) -> (StatusCode, String) {
    // Without a path it was refused before anything ran: such an answer has no data.
    let refused = answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|error| error.path.is_empty());
    for error in &mut answer.errors {
        complete(error, request_id);
    }
    if refused {
        let newer = media_type == MediaType::GraphqlResponse;
        let status = if newer { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        return (status, refused_body(&answer.errors));
    }
    // Written straight from the answer, whose fields stand in the order of the query.
    (StatusCode::OK, serde_json::to_string(&answer).unwrap_or_default())
}

fn refused_body(errors: &[ServerError]) -> String {
    json!({ "errors": errors }).to_string()
}

/// Gives every error its code, and a bug the name of the request.
fn complete(error: &mut ServerError, request_id: &RequestId) {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")).cloned();
    match code {
        None => {
            let too_complex = ["too complex", "too deep", "too many", "recursion depth"];
            let code = if too_complex.iter().any(|words| error.message.contains(words)) {
                ErrorCode::QueryTooComplex
            } else {
                ErrorCode::GraphqlValidationFailed
            };
            set_extension(error, "code", code.as_str());
        }
        Some(Value::String(code)) if code == ErrorCode::Internal.as_str() => {
            set_extension(error, "requestId", &request_id.0);
        }
        Some(_) => {}
    }
}

fn set_extension(error: &mut ServerError, name: &str, value: &str) {
    error.extensions.get_or_insert_with(Default::default).set(name, value);
}

fn not_acceptable() -> Problem {
    let detail = "Answers are application/graphql-response+json or application/json";
    Problem::new(ErrorCode::NotAcceptable, detail)
}
