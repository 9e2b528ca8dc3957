//! Where traces are sent, and how many.

use url::Url;

/// How to send traces. No `Debug`: the headers may hold a token.
#[derive(Clone)]
pub struct TraceSettings {
    /// Where the receiver takes traces, `…/v1/traces` included.
    pub receiver: Url,
    /// What is sent with each request.
    pub headers: Vec<(String, String)>,
    /// What this process is called in them; its own name where there is none.
    pub service_name: Option<String>,
    /// What else is said of this process.
    pub attributes: Vec<(String, String)>,
    /// Which traces are sent.
    pub sampling: Sampling,
}

/// Which traces are sent, by the names that OpenTelemetry gives its samplers:
/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// The share of them, from 0 to 1.
    pub share: f64,
    /// Whether a caller that has decided is obeyed.
    pub obeys_caller: bool,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { share: 1.0, obeys_caller: true }
    }
}

impl Sampling {
    /// That of a sampler, where it is one of the six that need nobody else; `share` is for those by ratio.
    pub fn named(sampler: &str, share: f64) -> Option<Self> {
        let (obeys_caller, of_it) = match sampler.strip_prefix("parentbased_") {
            Some(rest) => (true, rest),
            None => (false, sampler),
        };
        let share = match of_it {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => share,
            _ => return None,
        };
        Some(Self { share, obeys_caller })
    }
}
