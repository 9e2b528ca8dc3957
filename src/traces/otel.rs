//! Making spans and sending them, with the SDK of OpenTelemetry.

mod receiver;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _,
    TraceFlags, TraceId, TraceState, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider,
};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use self::receiver::Receiver;
use super::statement::StatementName;
use super::{Sampling, TARGET, TraceParent, TraceSettings};

pub use self::receiver::TracesError;

/// What made the spans, as they say themselves.
const SCOPE: &str = "clinic";
/// So many spans wait at most, of some kilobytes each; what is more is dropped, and nobody waits.
const QUEUE: usize = 8192;
/// So many are sent at once, at the latest so often.
const BATCH: usize = 2048;
const SEND_EVERY: Duration = Duration::from_secs(1);

/// Whether any are made: for what is asked with every statement.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Traces of this process.
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// None are sent.
    pub fn none() -> Self {
        Self(None)
    }

    /// Has them sent, once there is a layer. `program` is what this process is called unless the settings say so.
    ///
    /// # Errors
    ///
    /// [`TracesError`] when no client for the receiver can be made.
    pub fn start(settings: &TraceSettings, program: &'static str) -> Result<Self, TracesError> {
        let receiver = Receiver::new(settings)?;
        let waiting = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(SEND_EVERY)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::new(receiver, waiting))
            .with_sampler(sampler(settings.sampling))
            .with_resource(resource(settings, program))
            .build();
        global::set_tracer_provider(provider.clone());
        IS_ON.store(true, Ordering::Relaxed);
        Ok(Self(Some(provider)))
    }

    /// What has spans made: of our own alone, and no log lines with them.
    pub fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let provider = self.0.as_ref()?;
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(SCOPE))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false);
        Some(layer.with_filter(filter_fn(|about| about.is_span() && about.target() == TARGET)))
    }

    /// Sends what there still is, as far as the time goes.
    pub async fn stop(self, within: Duration) {
        let Some(provider) = self.0 else { return };
        let sent = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(within));
        if !matches!(sent.await, Ok(Ok(()))) {
            tracing::warn!("The last traces could not be sent");
        }
    }
}

fn sampler(Sampling { share, obeys_caller }: Sampling) -> Sampler {
    let of_those_that_begin_here = Sampler::TraceIdRatioBased(share);
    if obeys_caller {
        Sampler::ParentBased(Box::new(of_those_that_begin_here))
    } else {
        of_those_that_begin_here
    }
}

fn resource(settings: &TraceSettings, program: &'static str) -> Resource {
    let said =
        settings.attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let name = settings.service_name.clone().unwrap_or_else(|| program.to_owned());
    // What was set is not overruled by what is known anyway, but for the name, which has a setting of its own.
    Resource::builder_empty()
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attributes(said)
        .with_service_name(name)
        .build()
}

pub(super) fn current() -> Option<TraceParent> {
    let context = Context::current();
    let span = context.span();
    let place = span.span_context();
    place.is_valid().then(|| TraceParent {
        trace_id: place.trace_id().to_string(),
        parent_id: place.span_id().to_string(),
        is_sampled: place.is_sampled(),
    })
}

pub(super) fn is_traced() -> bool {
    Context::map_current(|context| context.span().span_context().is_sampled())
}

pub(super) fn continue_from(span: &Span, parent: &TraceParent) {
    let (Ok(trace), Ok(id)) =
        (TraceId::from_hex(&parent.trace_id), SpanId::from_hex(&parent.parent_id))
    else {
        return;
    };
    let flags = if parent.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let place = SpanContext::new(trace, id, flags, true, TraceState::default());
    // Fails for a span that nobody makes, which needs no place.
    drop(span.set_parent(Context::new().with_remote_span_context(place)));
}

/// Ends a span before everybody who works in it has left.
pub(super) fn end(span: &Span) {
    span.context().span().end();
}

pub(super) fn statement(system: &'static str, sql: &str, took: Duration, failed: bool) {
    if !IS_ON.load(Ordering::Relaxed) {
        return;
    }
    let context = Context::current();
    // What goes on for as long as a client stays connected belongs to a request that was answered long ago.
    if !context.span().is_recording() {
        return;
    }
    let StatementName { verb, table } = StatementName::of(sql);
    let name = table.map_or_else(|| verb.to_owned(), |table| format!("{verb} {table}"));
    let ended = opentelemetry::time::now();
    let mut about = vec![
        KeyValue::new("db.system.name", system),
        KeyValue::new("db.operation.name", verb.to_owned()),
    ];
    about.extend(table.map(|table| KeyValue::new("db.collection.name", table.to_owned())));
    let begun = ended.checked_sub(took).unwrap_or(ended);
    let told = SpanBuilder::from_name(name)
        .with_kind(SpanKind::Client)
        .with_start_time(begun)
        .with_attributes(about);
    let mut told = global::tracer(SCOPE).build_with_context(told, &context);
    if failed {
        told.set_status(Status::error(""));
    }
    told.end_with_timestamp(ended);
}
