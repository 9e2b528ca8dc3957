//! Who a request comes from, by the token or the session that it shows.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::guesses::{Guesses, NotAdmitted};
use super::own_cookie::OwnCookie;
use super::page_origin::OriginPolicy;
use super::public_url::PublicUrl;
use super::rate::{Caller, whole_seconds};
use super::shown::{Shown, ShownBy, sender};
use crate::access::Actor;
use crate::http::identity::RequestId;
use crate::http::problem::Problem;
use crate::oidc::OidcClient;
use crate::people::{Admission, People, SecretKind, Standing};
use crate::request::ErrorCode;

/// The tokens of the settings.
pub struct SettingsTokens {
    /// Opens everything.
    pub api: Option<String>,
    /// Opens the metrics alone.
    pub metrics: Option<String>,
}

/// Lets callers in.
pub struct Authenticator {
    /// Whether everybody may do everything.
    is_open: bool,
    tokens: SettingsTokens,
    people: Arc<People>,
    provider: Option<Arc<OidcClient>>,
    cookie: OwnCookie,
    pending_cookie: OwnCookie,
    origins: Arc<OriginPolicy>,
    guesses: Guesses,
}

impl Authenticator {
    /// Lets in whoever is known to `people`, be it by the clinic's identity provider, or has a token of
    /// the settings; where access `is_open`, everybody.
    pub fn new(
        is_open: bool,
        tokens: SettingsTokens,
        (people, provider): (Arc<People>, Option<Arc<OidcClient>>),
        (public_url, origins): (Option<&PublicUrl>, &Arc<OriginPolicy>),
    ) -> Self {
        Self {
            is_open,
            tokens,
            people,
            provider,
            cookie: OwnCookie::of_sessions(public_url),
            pending_cookie: OwnCookie::of_pending_sign_ins(public_url),
            origins: Arc::clone(origins),
            guesses: Guesses::default(),
        }
    }

    /// What a request shows.
    pub(in crate::http) fn shown(&self, request: &Request) -> Shown {
        Shown::by(request, self.cookie, &self.origins)
    }

    /// How sessions are kept.
    pub(in crate::http) fn cookie(&self) -> OwnCookie {
        self.cookie
    }

    /// How sign-ins that have begun at the clinic's identity provider are kept.
    pub(in crate::http) fn pending_cookie(&self) -> OwnCookie {
        self.pending_cookie
    }

    /// The clinic's identity provider, if people may come in by it.
    pub(in crate::http) fn provider(&self) -> Option<&OidcClient> {
        self.provider.as_deref()
    }

    /// Whether people may come in by the clinic's identity provider.
    pub(in crate::http) fn offers_provider(&self) -> bool {
        self.provider.is_some()
    }

    /// Whether somebody who was let in still may be here.
    pub(in crate::http) fn standing(&self, admission: &Admission) -> Standing {
        Standing::of(&self.people, admission)
    }

    /// Who shows that.
    ///
    /// # Errors
    ///
    /// [`NotAdmitted`].
    pub(in crate::http) async fn admit(&self, shown: &Shown) -> Result<Admission, NotAdmitted> {
        if self.is_open {
            return Ok(Admission::by_settings(Actor::anonymous()));
        }
        match &shown.by {
            ShownBy::Nothing | ShownBy::SomethingElse => Err(NotAdmitted::Unauthenticated),
            ShownBy::ForeignSession => Err(NotAdmitted::ForeignPage),
            ShownBy::Session(secret) => {
                let found = self.people.admit_session(secret, shown.is_act).await;
                found.map_err(NotAdmitted::Unknown)?.ok_or(NotAdmitted::Unauthenticated)
            }
            ShownBy::Bearer(token) => self.bearer((shown, "api"), token).await,
        }
    }

    async fn bearer(
        &self,
        (shown, door): (&Shown, &str),
        token: &str,
    ) -> Result<Admission, NotAdmitted> {
        let from = shown.from;
        if token.is_empty() {
            return Err(NotAdmitted::Unauthenticated);
        }
        if token.starts_with(SecretKind::Token.prefix()) {
            let found = self.people.admit_token(token);
            return self.guesses.judge_found((from, door), token, found).await;
        }
        if let Some(admission) = self.of_provider(shown, token).await {
            return admission;
        }
        self.guesses.judge((from, door), token, |token| {
            let api = self.tokens.api.as_ref().filter(|expected| is_same(expected, token));
            api.map(|_| Admission::by_settings(Actor::token_holder()))
        })
    }

    /// Who bears a statement of the clinic's identity provider; none where it is no such statement.
    /// Nobody guesses a signature, so that wrong ones are not counted as guesses.
    async fn of_provider(
        &self,
        shown: &Shown,
        token: &str,
    ) -> Option<Result<Admission, NotAdmitted>> {
        let provider = self.provider.as_ref().filter(|_| is_jwt(token))?;
        let found = match provider.bearer(token).await {
            Ok(identity) => {
                let admitted = self.people.admit_stated(&identity, &shown.visitor()).await;
                admitted.map_err(NotAdmitted::Unknown)
            }
            Err(_refused) => Ok(None),
        };
        Some(found.and_then(|admission| admission.ok_or(NotAdmitted::Unauthenticated)))
    }

    /// Who reads the metrics.
    async fn admit_to_metrics(&self, shown: &Shown) -> Result<Admission, NotAdmitted> {
        // Where everything else is open, whoever set it wants these closed.
        let Some(expected) = &self.tokens.metrics else { return self.admit(shown).await };
        let token = match &shown.by {
            ShownBy::Bearer(token) if !token.is_empty() => token,
            _ if self.is_open => return Err(NotAdmitted::Unauthenticated),
            _ => return self.admit(shown).await,
        };
        if !self.is_open && token.starts_with(SecretKind::Token.prefix()) {
            return self.bearer((shown, "metrics"), token).await;
        }
        self.guesses.judge((shown.from, "metrics"), token, |token| {
            if is_same(expected, token) {
                return Some(Admission::by_settings(Actor::metrics_reader()));
            }
            let api = self.tokens.api.as_ref().filter(|expected| is_same(expected, token));
            api.map(|_| Admission::by_settings(Actor::token_holder()))
        })
    }
}

/// Whether it has the form of a signed JWT: two objects of JSON and a signature.
fn is_jwt(token: &str) -> bool {
    token.starts_with("eyJ") && token.matches('.').count() == 2
}

/// Compares in a time that tells nothing of how much of it is right.
fn is_same(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Asks who calls, and lets in whoever is known.
pub(in crate::http) async fn authenticate(
    State(access): State<Arc<Authenticator>>,
    request: Request,
    next: Next,
) -> Response {
    let detail =
        "This needs a token (-H 'Authorization: Bearer …'), or a session (sign in at /sign-in)";
    let shown = access.shown(&request);
    let judged = access.admit(&shown).await;
    pass(&access, judged, detail, request, next).await
}

/// The same for the metrics, which have a token of their own.
pub(in crate::http) async fn authenticate_for_metrics(
    State(access): State<Arc<Authenticator>>,
    request: Request,
    next: Next,
) -> Response {
    let detail = "The metrics need their token or the API token: -H 'Authorization: Bearer …'";
    let shown = access.shown(&request);
    let judged = access.admit_to_metrics(&shown).await;
    pass(&access, judged, detail, request, next).await
}

/// Who asks for a connection, as far as its headers say: browsers can't send a token in one, and say
/// it in the first message.
#[derive(Clone)]
pub(in crate::http) struct Connecting(pub(in crate::http) Option<Admission>);

/// The same for a WebSocket: whoever shows nothing goes on, to say who they are over it.
pub(in crate::http) async fn authenticate_connection(
    State(access): State<Arc<Authenticator>>,
    mut request: Request,
    next: Next,
) -> Response {
    // A page that is listed says its token later: that its browser sent a cookie as well counts for
    // nothing.
    let shown = access.shown(&request).without_foreign_cookie();
    let connecting = match access.admit(&shown).await {
        Ok(admission) => Connecting(Some(admission)),
        Err(NotAdmitted::Unauthenticated) => Connecting(None),
        Err(not_admitted) => return refusal(not_admitted, "").into_response(),
    };
    request.extensions_mut().insert(connecting);
    next.run(request).await
}

/// Who speaks, and whether they still may when they have been listening for long.
#[derive(Clone)]
pub(in crate::http) struct Speaker {
    pub(in crate::http) actor: Actor,
    pub(in crate::http) standing: Standing,
}

async fn pass(
    access: &Authenticator,
    judged: Result<Admission, NotAdmitted>,
    detail: &'static str,
    mut request: Request,
    next: Next,
) -> Response {
    let admission = match judged {
        Ok(admission) => admission,
        Err(not_admitted) => return refusal(not_admitted, detail).into_response(),
    };
    let standing = access.standing(&admission);
    let caller = Caller::of(&admission.actor, sender(&request));
    let request_id = request.extensions().get().map(|RequestId(id)| id.as_str());
    let actor = admission.actor.asking(Some(sender(&request)), request_id);
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(actor.clone());
    request.extensions_mut().insert(Speaker { actor, standing });
    next.run(request).await
}

/// How one is told that they are not let in.
pub(in crate::http) fn refusal(not_admitted: NotAdmitted, detail: &'static str) -> Problem {
    match not_admitted {
        NotAdmitted::Unauthenticated => Problem::new(ErrorCode::Unauthenticated, detail),
        NotAdmitted::ForeignPage => foreign_page(),
        NotAdmitted::Unknown(refusal) => Problem::from(refusal),
        NotAdmitted::TooManyGuesses { retry_after } => {
            let detail =
                "Too many wrong tokens came from this address, so this one was not looked at";
            Problem::rate_limited(detail, whole_seconds(retry_after))
        }
    }
}

/// What is said where a session's cookie came along with what no page of ours has sent.
pub(in crate::http) fn foreign_page() -> Problem {
    let detail = "A session counts for this server's own pages alone (see PUBLIC_URL for those behind a \
                  proxy); programs send a token: -H 'Authorization: Bearer …'";
    Problem::new(ErrorCode::ForbiddenOrigin, detail)
}
