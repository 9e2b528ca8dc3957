//! One attempt: one request over HTTP, and what it came to.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};

use super::address::{AddressNotAllowed, AddressRule};
use crate::domain::webhook::{Attempted, WebhookOutcome};

/// How long an attempt may take.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(15);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a connection is kept for the next one.
const IDLE_FOR: Duration = Duration::from_secs(10);
/// The most of an answer's body that is read, in bytes: nobody needs it.
const BODY_LIMIT: usize = 64 * 1024;

/// What is sent.
pub(super) struct Message {
    /// The same for each attempt.
    pub(super) id: String,
    /// When this attempt is made, in seconds since 1970.
    pub(super) timestamp: i64,
    /// Of both and the body.
    pub(super) signature: String,
    /// JSON.
    pub(super) body: String,
}

/// Sends messages.
pub(super) struct Sender {
    rule: AddressRule,
    client: OnceLock<Client>,
}

impl Sender {
    pub(super) fn new(rule: AddressRule) -> Self {
        Self { rule, client: OnceLock::new() }
    }

    /// Sends a message once. What it can't be sent for is what it came to.
    pub(super) async fn send(&self, url: &str, message: Message) -> Attempted {
        let unanswered = |outcome| Attempted { outcome, response_status: None };
        // The rules may have become stricter since the endpoint was made.
        let Ok(url) = self.rule.parse(url) else {
            return unanswered(WebhookOutcome::AddressNotAllowed);
        };
        match self.exchange(url, message).await {
            Ok(status) => {
                let outcome = match status {
                    200..=299 => WebhookOutcome::Accepted,
                    300..=399 => WebhookOutcome::Redirected,
                    _ => WebhookOutcome::Refused,
                };
                Attempted { outcome, response_status: Some(status) }
            }
            Err(outcome) => unanswered(outcome),
        }
    }

    async fn exchange(&self, url: Url, message: Message) -> Result<u16, WebhookOutcome> {
        let client = self.client()?;
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp)
            .header("webhook-signature", message.signature)
            .body(message.body);
        let mut response = request.send().await.map_err(|error| outcome_of(&error))?;
        let status = response.status().as_u16();
        let mut read = 0;
        // The status has said it all; what follows is read so that the connection can be used again.
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > BODY_LIMIT {
                break;
            }
        }
        Ok(status)
    }

    /// Made when it is needed: without an endpoint nobody asks for the machine's root certificates.
    fn client(&self) -> Result<&Client, WebhookOutcome> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let made = Client::builder()
            .user_agent(concat!("clinic/", env!("CARGO_PKG_VERSION")))
            .timeout(ATTEMPT_WITHIN)
            .connect_timeout(CONNECT_WITHIN)
            .pool_idle_timeout(IDLE_FOR)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // It would look names up itself.
            .no_proxy()
            .dns_resolver(self.rule)
            .build();
        match made {
            Ok(client) => Ok(self.client.get_or_init(|| client)),
            Err(error) => {
                let cause = error.source().map(ToString::to_string);
                tracing::error!(cause, "Webhooks can't be sent: no client could be made");
                Err(WebhookOutcome::Unreachable)
            }
        }
    }
}

fn outcome_of(error: &reqwest::Error) -> WebhookOutcome {
    let mut causes = std::iter::successors(error.source(), |cause| (**cause).source());
    if causes.any(<dyn std::error::Error>::is::<AddressNotAllowed>) {
        WebhookOutcome::AddressNotAllowed
    } else if error.is_timeout() {
        WebhookOutcome::TimedOut
    } else {
        WebhookOutcome::Unreachable
    }
}

/// Whoever connects is told no other address than those that were judged: a name that leads elsewhere a moment later
/// leads nobody there.
impl Resolve for AddressRule {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            rule.check(found.iter().map(SocketAddr::ip))?;
            let judged: Addrs = Box::new(found.into_iter());
            Ok(judged)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_called() {
        let rule = AddressRule { allow_private: false };
        let found = rule.resolve("localhost".parse().unwrap()).await;
        assert!(found.is_err_and(|error| error.is::<AddressNotAllowed>()));
    }
}
