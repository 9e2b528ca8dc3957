//! Signing in and out: as JSON for programs and pages with scripts, and as forms (`pages`), which need
//! none.

mod bodies;
mod markup;
pub(super) mod pages;
pub(super) mod provider;

use axum::Extension;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use self::bodies::{PasswordBody, SignInBody, WhoBody};
use super::callers::{Shown, foreign_page, is_of_other_page};
use super::problem::Problem;
use super::rest::bodies::{BodyProblems, Problems};
use super::rest::object_reader::{JsonObject, ObjectReader};
use super::state::AppState;
use crate::access::Actor;
use crate::people::SignedIn;
use crate::request::{Field, FieldReader, Refusal};

/// Who is signed in
///
/// Whoever sends the request, by its session or its token.
#[utoipa::path(
    get,
    path = "/session",
    tag = "session",
    responses((status = 200, description = "Who it is, and what they may do", body = WhoBody), Problems)
)]
pub(super) async fn who(Extension(actor): Extension<Actor>) -> Json<WhoBody> {
    Json(WhoBody::of(&actor))
}

/// Sign in
///
/// Begins a session, kept in a cookie. It counts for this server's own pages alone: programs use a token.
/// After five wrong tries in 15 minutes for one address and from one place, none is looked at.
#[utoipa::path(
    post,
    path = "/session",
    tag = "session",
    security(()),
    request_body(content = SignInBody, example = json!({ "email": "ada@example.com", "password": "seven wise badgers" })),
    responses(
        (status = 200, description = "Signed in", body = WhoBody, headers(("Set-Cookie" = String, description = "The session"))),
        Problems,
        BodyProblems
    )
)]
pub(super) async fn sign_in(
    State(state): State<AppState>,
    Calling(shown): Calling,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let mut body = ObjectReader::new(object);
    let email = body.text("email", field("/email"));
    let password = body.text("password", field("/password"));
    let [email, password] = both(body, [("/email", email), ("/password", password)])?;
    let signed_in = begin(&state, &shown, &email, &password).await?;
    let who = Json(WhoBody::of(&signed_in.admission.actor));
    Ok((keeping(&state, &signed_in), who).into_response())
}

/// Sign out
///
/// Ends the session whose cookie is sent, if there is one.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "session",
    security(()),
    responses((status = 204, description = "Signed out", headers(("Set-Cookie" = String, description = "Has the browser forget the session"))), Problems)
)]
pub(super) async fn sign_out(
    State(state): State<AppState>,
    Calling(shown): Calling,
) -> Result<Response, Problem> {
    end(&state, &shown).await?;
    Ok((StatusCode::NO_CONTENT, forgetting(&state), ()).into_response())
}

/// Set a password
///
/// By an invitation, which an administrator makes (`createPerson`, `invitePerson`, or on the server `clinic
/// person invite`). It counts once, and for 7 days. All sessions of the person end.
#[utoipa::path(
    post,
    path = "/session/password",
    tag = "session",
    security(()),
    request_body(content = PasswordBody, example = json!({ "invitation": "cli_01h455vb4pex5vsknk084sn02q", "password": "seven wise badgers" })),
    responses((status = 204, description = "The password is set: sign in with it"), Problems, BodyProblems)
)]
pub(super) async fn set_password(
    State(state): State<AppState>,
    Calling(shown): Calling,
    JsonObject(object): JsonObject,
) -> Result<StatusCode, Problem> {
    let mut body = ObjectReader::new(object);
    let invitation = body.text("invitation", field("/invitation"));
    let password = body.text("password", field("/password"));
    let fields = [("/invitation", invitation), ("/password", password)];
    let [invitation, password] = both(body, fields)?;
    let visitor = shown.visitor();
    let set = state.services.people.set_password(&invitation, &password, &visitor).await;
    set.map_err(|refusal| Problem::from(in_body(refusal)))?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a request shows that no page of others has sent: nobody is signed in, or out, by a page that
/// they happen to visit.
pub(super) struct Calling(Shown);

impl axum::extract::FromRequestParts<AppState> for Calling {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &AppState,
    ) -> Result<Self, Problem> {
        let request = Request::from_parts(parts.clone(), axum::body::Body::empty());
        let shown = state.access.shown(&request);
        if shown.is_foreign() || is_of_other_page(&request, &state.origins) {
            return Err(foreign_page());
        }
        Ok(Self(shown))
    }
}

/// Signs somebody in; a session that their browser has already is over.
async fn begin(
    state: &AppState,
    shown: &Shown,
    email: &str,
    password: &str,
) -> Result<SignedIn, Refusal> {
    let signed_in = state.services.people.sign_in(email, password, &shown.visitor()).await?;
    end(state, shown).await?;
    Ok(signed_in)
}

/// Ends the session that a request shows, if any.
async fn end(state: &AppState, shown: &Shown) -> Result<(), Refusal> {
    if let Some(secret) = shown.session() {
        state.services.people.sign_out(secret, &shown.visitor()).await?;
    }
    Ok(())
}

type Cookie = [(axum::http::HeaderName, HeaderValue); 1];

fn keeping(state: &AppState, signed_in: &SignedIn) -> Option<Cookie> {
    let kept = state.access.cookie().keep(signed_in.secret.reveal())?;
    Some([(SET_COOKIE, kept)])
}

fn forgetting(state: &AppState) -> Option<Cookie> {
    Some([(SET_COOKIE, state.access.cookie().forget()?)])
}

fn field(pointer: &str) -> Field {
    Field::Other(pointer.to_owned())
}

/// Two texts that must be there.
fn both(body: ObjectReader, fields: [(&str, Option<String>); 2]) -> Result<[String; 2], Refusal> {
    let mut read = FieldReader::after(body.finish());
    let [one, other] = fields.map(|(pointer, text)| {
        let there =
            |text: String| if text.is_empty() { Err("must not be empty") } else { Ok(text) };
        read.required(field(pointer), text, there)
    });
    read.finish()?;
    one.zip(other).map(<[String; 2]>::from).ok_or_else(|| Refusal::bug("a field was lost"))
}

/// The same complaint about a body, whose fields have pointers.
fn in_body(refusal: Refusal) -> Refusal {
    let Refusal::Invalid(mut violations) = refusal else { return refusal };
    for violation in &mut violations {
        if let Field::Other(name) = &mut violation.field {
            name.insert(0, '/');
        }
    }
    Refusal::Invalid(violations)
}
