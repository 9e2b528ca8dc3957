//! The provider over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::issuer::Issuer;
use super::keys::KeySet;
use super::metadata::{ClientAuthentication, Metadata};
use super::provider::{CodeExchange, IdentityProvider, ProviderFault, Tokens};
use super::settings::OidcSettings;

/// How long a provider may take, from the first byte sent to the last byte read.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// The most of an answer's body that is read, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// A provider that is asked over HTTP.
pub struct HttpIdentityProvider {
    client: Client,
    issuer: Issuer,
    client_id: String,
    client_secret: Option<String>,
}

/// There is no HTTP client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No process-wide rustls provider is installed; building a client would panic.
    #[error("no TLS provider is installed in this process")]
    NoTlsProvider,
    /// It could not be made, for example for want of root certificates.
    #[error(
        "the HTTP client could not be made: for https the system's root certificates are needed \
         (ca-certificates)"
    )]
    Client(#[source] reqwest::Error),
}

struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl HttpIdentityProvider {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ClientError`].
    pub fn new(settings: &OidcSettings) -> Result<Self, ClientError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(ClientError::NoTlsProvider);
        }
        let client = Client::builder()
            .user_agent(concat!("clinic/", env!("CARGO_PKG_VERSION")))
            .timeout(ANSWERS_WITHIN)
            .connect_timeout(ANSWERS_WITHIN)
            // A redirect or a proxy would have somebody else say who comes in.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!settings.issuer.is_on_this_machine())
            .retry(reqwest::retry::never())
            .build()
            .map_err(ClientError::Client)?;
        Ok(Self {
            client,
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
        })
    }

    async fn got(&self, url: Url) -> Result<Vec<u8>, ProviderFault> {
        let answer = sent(self.client.get(url)).await?;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(ProviderFault::Status(answer.status))
        }
    }

    /// The request that hands in a code (RFC 6749, sections 2.3.1 and 4.1.3; RFC 7636, section 4.5).
    fn handing_in(&self, provider: &Metadata, exchange: &CodeExchange) -> RequestBuilder {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", &exchange.code)
            .append_pair("redirect_uri", &exchange.redirect_uri)
            .append_pair("code_verifier", &exchange.verifier);
        let request = self.client.post(provider.token_endpoint.clone());
        let request = match (&self.client_secret, provider.client_authentication) {
            (Some(secret), ClientAuthentication::Basic) => {
                request.header(AUTHORIZATION, basic(&self.client_id, secret))
            }
            (secret, _) => {
                form.append_pair("client_id", &self.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret);
                }
                request
            }
        };
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.finish())
    }
}

#[async_trait]
impl IdentityProvider for HttpIdentityProvider {
    async fn metadata(&self) -> Result<Metadata, ProviderFault> {
        let body = self.got(self.issuer.metadata_url()).await?;
        Ok(Metadata::read(&body, &self.issuer)?)
    }

    async fn keys(&self, at: &Url) -> Result<KeySet, ProviderFault> {
        let body = self.got(at.clone()).await?;
        KeySet::read(&body).map_err(|_malformed| ProviderFault::Malformed)
    }

    async fn exchange(
        &self,
        provider: &Metadata,
        exchange: &CodeExchange,
    ) -> Result<Tokens, ProviderFault> {
        let answer = sent(self.handing_in(provider, exchange)).await?;
        match answer.status {
            200 => parsed(&answer.body),
            400 | 401 => Err(refused(&answer)),
            status => Err(ProviderFault::Status(status)),
        }
    }
}

/// Id and secret, each as in a form before they are joined.
fn basic(id: &str, secret: &str) -> HeaderValue {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    // Base64 is always the value of a header.
    let value = HeaderValue::try_from(format!("Basic {pair}"));
    let mut value = value.unwrap_or_else(|_malformed| HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}

/// Why a code was not taken (RFC 6749, section 5.2).
fn refused(answer: &Answer) -> ProviderFault {
    #[derive(Deserialize)]
    struct Body {
        error: String,
    }
    match parsed::<Body>(&answer.body).map(|body| body.error).as_deref() {
        Ok("invalid_grant") => ProviderFault::CodeRefused,
        Ok("invalid_client" | "unauthorized_client") => ProviderFault::ClientRefused,
        _ => ProviderFault::Status(answer.status),
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, ProviderFault> {
    // The parser's own words would repeat what stands there.
    serde_json::from_slice(body).map_err(|_malformed| ProviderFault::Malformed)
}

/// Sends the request once and reads the answer.
async fn sent(request: RequestBuilder) -> Result<Answer, ProviderFault> {
    let request = request.header(ACCEPT, "application/json");
    let mut response = request.send().await.map_err(|error| lost(&error))?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(ProviderFault::NoAnswer("its answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// Says in words of our own why there is no answer.
fn lost(error: &reqwest::Error) -> ProviderFault {
    ProviderFault::NoAnswer(if error.is_builder() {
        "the request could not be made"
    } else if error.is_connect() {
        "no connection to it can be made"
    } else if error.is_timeout() {
        "it does not answer within three seconds"
    } else {
        "the connection to it was lost"
    })
}
