//! Traces of OpenTelemetry: what a request did, from the door over the database to the outside service.
//!
//! Every span there can be is made in [`spans`], so that what a trace may hold is read in one place: routes, names of
//! operations and of transactions, kinds of statements and statuses, and nothing of a patient, a person or an
//! address. Without a receiver in the settings no span is made; a build without the feature `otel` can't make any.

#[cfg(feature = "otel")]
mod otel;
#[cfg(not(feature = "otel"))]
#[path = "off.rs"]
mod otel;
mod parent;
mod settings;
pub mod spans;
#[cfg(feature = "otel")]
mod statement;

pub use otel::{Traces, TracesError};
pub use parent::TraceParent;
pub use settings::{Sampling, TraceSettings};

/// Where spans are told: no log line is written of them, and no log line gets into a trace.
pub const TARGET: &str = "trace";

/// Whether this build can send traces.
pub const CAN_BE_SENT: bool = cfg!(feature = "otel");
