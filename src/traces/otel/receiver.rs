//! The receiver that spans are sent to. It may be gone: nobody waits for it, and the log says so once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::SpanData;
use reqwest::blocking::Client;

use crate::traces::TraceSettings;

/// How long the receiver may take for one request, and to be reached.
const SEND_WITHIN: Duration = Duration::from_secs(5);
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

/// Why traces can't be sent. Repeats no address, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The HTTP client could not be made.
    #[error(
        "OTEL_EXPORTER_OTLP_ENDPOINT: the HTTP client could not be made: for https the system's root certificates are needed (ca-certificates)"
    )]
    Client,
    /// The library does not take the settings.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: traces can't be sent there")]
    Settings,
}

/// What sends spans, counts them, and tells when the receiver is gone and when it is back.
#[derive(Debug)]
pub(super) struct Receiver {
    sender: SpanExporter,
    is_gone: AtomicBool,
}

impl Receiver {
    pub(super) fn new(settings: &TraceSettings) -> Result<Self, TracesError> {
        let sender = SpanExporter::builder()
            .with_http()
            .with_http_client(client(settings)?)
            .with_headers(settings.headers.iter().cloned().collect())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(settings.receiver.as_str())
            .with_timeout(SEND_WITHIN)
            .build();
        // The library's own words would repeat the address.
        let Ok(sender) = sender else { return Err(TracesError::Settings) };
        Ok(Self { sender, is_gone: AtomicBool::new(false) })
    }

    fn note(&self, count: u64, sent: bool) {
        let outcome = if sent { "sent" } else { "lost" };
        metrics::counter!("clinic_trace_spans_total", "outcome" => outcome).increment(count);
        let was_gone = self.is_gone.swap(!sent, Ordering::Relaxed);
        if !sent && !was_gone {
            tracing::warn!(
                "The receiver of traces does not take them; until it does they are lost"
            );
        } else if sent && was_gone {
            tracing::info!("The receiver of traces takes them again");
        }
    }
}

impl opentelemetry_sdk::trace::SpanExporter for Receiver {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let result = self.sender.export(batch).await;
        self.note(count, result.is_ok());
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.sender.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.sender.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.sender.set_resource(resource);
    }
}

/// Made on a thread of its own, for a client that blocks has a runtime that may be neither made nor dropped inside
/// another one.
fn client(settings: &TraceSettings) -> Result<Client, TracesError> {
    let is_plain = settings.receiver.scheme() == "http";
    let make = move || {
        let mut builder = Client::builder()
            .timeout(SEND_WITHIN)
            .connect_timeout(CONNECT_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        if is_plain {
            // Nor are the root certificates of a machine asked for, which may have none.
            builder = builder.tls_certs_only([]);
        }
        builder.build()
    };
    match std::thread::spawn(make).join() {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(_)) | Err(_) => Err(TracesError::Client),
    }
}
