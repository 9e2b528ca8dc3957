//! The REST door described as OpenAPI 3.1, and a page to try it.

use axum::Router;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi, openapi};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{appointments, lists};
use crate::http::state::AppState;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "clinic",
        description = "Books visits at a virtual clinic. GraphQL at /graphql does more; the two share every rule and every error code."
    ),
    paths(
        appointments::book,
        appointments::show,
        appointments::cancel,
        appointments::reschedule,
        lists::list,
        lists::first_available,
    ),
    tags((name = "appointments", description = "Booking, changing and finding visits")),
    modifiers(&BearerToken, &OptionalBody),
    security((), ("token" = []))
)]
struct Document;

/// The token of servers that ask for one, so that the page can send it.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", scheme);
    }
}

/// A visit is cancelled with a body or without one; only the whole of it may be left out, which
/// the macro can't say: an optional type means `null` to it.
struct OptionalBody;

impl Modify for OptionalBody {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let cancel = document.paths.paths.get_mut("/appointment/{id}/cancel");
        let body = cancel.and_then(|path| path.post.as_mut()?.request_body.as_mut());
        if let Some(openapi::RefOr::T(body)) = body {
            body.required = Some(openapi::Required::False);
        }
    }
}

/// `GET /openapi.json`, and `GET /docs` to try it.
pub(in crate::http) fn routes() -> Router<AppState> {
    let config = Config::from("/openapi.json").try_it_out_enabled(true);
    SwaggerUi::new("/docs").config(config).url("/openapi.json", Document::openapi()).into()
}
