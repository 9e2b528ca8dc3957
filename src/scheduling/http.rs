//! The scheduling service over HTTP: one request a call.
//!
//! Not here: repeating a call (whoever settles does, and one layer of it here would be one too many), declining to
//! call (the circuit breaker does) and telling answers apart ([`answer`]).

mod answer;
mod exchange;
mod own_faults;
mod request;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder, Url};

use self::answer::{Answer, Call};
use self::exchange::{exchange, route};
use self::own_faults::OwnFaults;
use self::request::{RescheduleBody, ReserveBody};
use super::{
    Confirmation, ExternalAppointment, ExternalBooking, ExternalVisit, SchedulingClient,
    SchedulingError,
};

/// The most of an answer's body that is read, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// The same for a list of a window: some 40,000 visits.
const LIST_LIMIT: usize = 8 * 1024 * 1024;

/// Where the scheduling service is and how long one attempt may take.
///
/// No `Debug`: the URL may hold a password.
#[derive(Clone)]
pub struct HttpSettings {
    /// The service's base URL, `http` or `https`; a path in it is kept, a trailing slash tolerated.
    pub base_url: String,
    /// How long one attempt may take, from the first byte sent to the last byte read.
    pub attempt_timeout: Duration,
    /// How much of it may pass before there is a connection.
    pub connect_timeout: Duration,
    /// The bearer token that the service wants, if it wants one.
    pub token: Option<String>,
}

impl HttpSettings {
    /// Settings for `base_url` with 2 s for an attempt, half a second of it to connect.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            attempt_timeout: Duration::from_secs(2),
            connect_timeout: Duration::from_millis(500),
            token: None,
        }
    }
}

/// Why the settings give no client. No variant repeats the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum HttpSettingsError {
    /// The base URL is not an absolute URL.
    #[error("the scheduling service's URL is not an absolute URL")]
    NotAUrl,
    /// The base URL's scheme is neither `http` nor `https`.
    #[error("the scheduling service's URL must begin with http:// or https://")]
    Scheme,
    /// The base URL has a query or a fragment, which no path can be added to.
    #[error("the scheduling service's URL must have neither a query nor a fragment")]
    QueryOrFragment,
    /// No process-wide rustls provider is installed; building a client would panic.
    #[error("no TLS provider is installed in this process")]
    NoTlsProvider,
    /// The HTTP client could not be made, for example for want of root certificates.
    #[error(
        "the HTTP client could not be made: for https the system's root certificates are needed \
         (ca-certificates)"
    )]
    Client(#[source] reqwest::Error),
}

/// The scheduling service, spoken to over HTTP.
pub struct HttpSchedulingClient {
    client: Client,
    base_url: Url,
    token: Option<String>,
    own_faults: OwnFaults,
    /// Whether it has answered with a list of a window.
    has_listed: AtomicBool,
}

impl HttpSchedulingClient {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`HttpSettingsError`] when the URL cannot be used, or when the process has not installed
    /// a rustls provider first.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpSettingsError> {
        let HttpSettings { base_url, attempt_timeout, connect_timeout, token } = settings;
        let base_url = parse_base_url(&base_url)?;
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(HttpSettingsError::NoTlsProvider);
        }
        let mut builder = Client::builder()
            .user_agent(concat!("clinic/", env!("CARGO_PKG_VERSION")))
            .timeout(attempt_timeout)
            .connect_timeout(connect_timeout)
            // A redirect would carry the patient's name to a place nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        if base_url.scheme() == "http" {
            // Nor are the root certificates of a machine asked for, which may have none.
            builder = builder.tls_certs_only([]);
        }
        if is_loopback(&base_url) {
            // A proxy from the environment cannot reach this machine's own loopback.
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(HttpSettingsError::Client)?;
        let own_faults = OwnFaults::of(&base_url);
        Ok(Self { client, base_url, token, own_faults, has_listed: AtomicBool::new(false) })
    }

    /// Whether patients' names cross a network that others may listen to.
    pub fn is_overheard(&self) -> bool {
        self.base_url.scheme() == "http" && !is_loopback(&self.base_url)
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.client.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    fn writing(&self, method: Method, url: Url, key: &str) -> RequestBuilder {
        self.request(method, url).header("idempotency-key", key)
    }

    /// Sends the request once, and tells a fault of our own from what the answer means.
    async fn sent(
        &self,
        request: RequestBuilder,
        name: &'static str,
        call: Call<'_>,
    ) -> Result<Answer, SchedulingError> {
        let answer = exchange(request, route(name), BODY_LIMIT).await?;
        let outcome = answer::classify(&call, &answer);
        self.own_faults.note(name, &outcome);
        outcome.map(|()| answer)
    }

    fn appointments(&self) -> Url {
        let mut url = self.base_url.clone();
        // Only a URL that cannot be a base has no segments, and `new` takes none of those.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("appointments");
        }
        url
    }

    fn appointment(&self, external_id: &str) -> Result<Url, SchedulingError> {
        // `.`, `..` and control characters would be dropped from the path, and the request would
        // then be about something else. The service never gave us such an id, so it has none.
        if !answer::is_external_id(external_id) {
            return Err(SchedulingError::NotFound);
        }
        let mut url = self.appointments();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(external_id);
        }
        Ok(url)
    }
}

#[async_trait]
impl SchedulingClient for HttpSchedulingClient {
    async fn reserve(
        &self,
        booking: &ExternalBooking,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        let body = ReserveBody::from(booking);
        let request = self.writing(Method::POST, self.appointments(), key).json(&body);
        let call = Call::Reserve { patient_name: &booking.patient_name };
        let answer = self.sent(request, "reserve", call).await?;
        answer::confirmation(&answer, &booking.visit, None)
    }

    async fn reschedule(
        &self,
        external_id: &str,
        visit: &ExternalVisit,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        let url = self.appointment(external_id)?;
        let request = self.writing(Method::PUT, url, key).json(&RescheduleBody::from(visit));
        let answer = self.sent(request, "reschedule", Call::Reschedule).await?;
        answer::confirmation(&answer, visit, Some(external_id))
    }

    async fn cancel(
        &self,
        external_id: &str,
        _provider_reference: &str,
        key: &str,
    ) -> Result<(), SchedulingError> {
        let request = self.writing(Method::DELETE, self.appointment(external_id)?, key);
        self.sent(request, "cancel", Call::Cancel).await.map(|_answer| ())
    }

    async fn find(&self, reference: &str) -> Result<Vec<ExternalAppointment>, SchedulingError> {
        let mut url = self.appointments();
        url.query_pairs_mut().append_pair("reference", reference);
        let answer = self.sent(self.request(Method::GET, url), "find", Call::Find).await?;
        answer::holdings(&answer, reference)
    }

    async fn list(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Vec<ExternalAppointment>>, SchedulingError> {
        let mut url = self.appointments();
        let (first, last) = (from.to_string(), to.to_string());
        url.query_pairs_mut().append_pair("from", &first).append_pair("to", &last);
        let request = self.request(Method::GET, url);
        let answer = exchange(request, route("list"), LIST_LIMIT).await?;
        // Where there has been one, such an answer means that something else is wrong.
        if answer::lacks_list(&answer) && !self.has_listed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let outcome = answer::classify(&Call::List, &answer);
        self.own_faults.note("list", &outcome);
        outcome?;
        let listed = answer::listed(&answer, from, to)?;
        self.has_listed.store(true, Ordering::Relaxed);
        Ok(Some(listed))
    }
}

fn parse_base_url(text: &str) -> Result<Url, HttpSettingsError> {
    // The parser's own error is dropped on purpose: it says no more than the variant does.
    let Ok(url) = Url::parse(text) else {
        return Err(HttpSettingsError::NotAUrl);
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(HttpSettingsError::Scheme);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(HttpSettingsError::QueryOrFragment);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
