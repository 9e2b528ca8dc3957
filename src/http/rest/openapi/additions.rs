//! What holds for many routes, and is added to the document instead of standing at each.

use utoipa::Modify;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Required, Response};

/// The token of servers that ask for one, so that the page can send it. A session's cookie is no business
/// of programs, and browsers send it by themselves.
pub(super) struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", scheme);
    }
}

/// A visit is cancelled with a body or without one; only the whole of it may be left out, which
/// the macro can't say: an optional type means `null` to it.
pub(super) struct OptionalBody;

impl Modify for OptionalBody {
    fn modify(&self, document: &mut OpenApi) {
        let cancel = document.paths.paths.get_mut("/appointment/{id}/cancel");
        let body = cancel.and_then(|path| path.post.as_mut()?.request_body.as_mut());
        if let Some(RefOr::T(body)) = body {
            body.required = Some(Required::False);
        }
    }
}

/// A parameter that is not required can be left out; unlike a field of a body it can't be `null`,
/// which the macro says of every optional type.
pub(super) struct PlainParameters;

impl Modify for PlainParameters {
    fn modify(&self, document: &mut OpenApi) {
        for operation in operations(document) {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    without_null(parameter);
                }
            }
        }
    }
}

fn without_null(parameter: &mut Parameter) {
    if let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema
        && let SchemaType::Array(types) = &mut object.schema_type
    {
        types.retain(|kind| *kind != Type::Null);
        if let [only] = types.as_slice() {
            object.schema_type = SchemaType::Type(only.clone());
        }
    }
}

/// The headers of answers.
pub(super) struct AnswerHeaders;

impl Modify for AnswerHeaders {
    fn modify(&self, document: &mut OpenApi) {
        for (path, item) in &mut document.paths.paths {
            let of_visit = path.starts_with("/appointment");
            for operation in operations_of(item) {
                let takes_key = operation.parameters.iter().flatten().any(is_key);
                for (status, response) in &mut operation.responses.responses {
                    if let RefOr::T(response) = response {
                        describe(response, status, (takes_key, of_visit));
                    }
                }
            }
        }
    }
}

fn is_key(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == "Idempotency-Key")
}

fn describe(response: &mut Response, status: &str, (takes_key, of_visit): (bool, bool)) {
    let mut says = |name: &str, description: &str| {
        response.headers.insert(name.to_owned(), RefOr::T(text(description)));
    };
    says("X-Request-Id", "Names the request in the server's log.");
    if takes_key {
        says(
            "Idempotency-Replayed",
            "`true` where it repeats the answer to an earlier request with the same key.",
        );
    }
    says("X-Content-Type-Options", "`nosniff`");
    says("Referrer-Policy", "`no-referrer`");
    says("Content-Security-Policy", "Nothing of it is to be run or framed.");
    match status {
        "401" => says("WWW-Authenticate", "`Bearer`"),
        "415" => {
            says("Accept-Encoding", "The ways to pack a body that are read, where it is of that.");
        }
        "429" | "503" => says("Retry-After", "Seconds to wait before the next try."),
        // What changes an appointment says where it is found again.
        "200" | "201" | "202" if takes_key && of_visit => {
            says("Location", "Path of the appointment.");
            says("Content-Location", "The same path: whose version `ETag` says.");
            says("ETag", "Its version, for `If-Match`");
        }
        _ => {}
    }
}

fn text(description: &str) -> Header {
    HeaderBuilder::new().description(Some(description)).build()
}

fn operations(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(operations_of)
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}
