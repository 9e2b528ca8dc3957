//! What the log and the metrics tell of an operation: what it is called and what became of it, and
//! nothing that it asked or was answered.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use async_graphql::Response as Answer;
use async_graphql::parser::types::OperationType;
use async_graphql::{ServerError, Value};

use super::asked::{LONGEST_NAME, OperationAsked, is_name};
use crate::graphql::Notes;
use crate::graphql::gate::AdmittedRequest;
use crate::request::ErrorCode;

/// The most names that have series of their own in the metrics.
const MOST_NAMES: usize = 100;

/// The names that have series of their own in the metrics: those that were served first. Clients
/// make them up, and each is kept for as long as the server runs; the others share one.
#[derive(Default)]
pub struct OperationNames(RwLock<HashSet<Arc<str>>>);

impl OperationNames {
    /// The name as the metrics have it. Only that of what is served takes a place. What is said
    /// instead of one stands in brackets, which no name of GraphQL has.
    fn label(&self, name: Option<&str>, served: bool) -> metrics::SharedString {
        let Some(name) = name else {
            return if served { "(anonymous)" } else { "(unknown)" }.into();
        };
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(known) = known {
            return known.into();
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !served || names.len() >= MOST_NAMES || !is_name(name) {
            return "(other)".into();
        }
        let name: Arc<str> = name.into();
        names.insert(Arc::clone(&name));
        name.into()
    }
}

/// An operation under way.
pub(super) struct Watch {
    names: Arc<OperationNames>,
    notes: Notes,
    begun: Instant,
    name: Option<String>,
    kind: Option<OperationType>,
    code: Option<ErrorCode>,
    has_data: bool,
}

impl Watch {
    pub(super) fn begin(names: &Arc<OperationNames>, request: &AdmittedRequest) -> Self {
        let name = request.name().map(|name| {
            let short: String = name.chars().take(LONGEST_NAME).collect();
            if short == name { short } else { format!("{short}…") }
        });
        Self {
            names: Arc::clone(names),
            notes: request.notes(),
            begun: Instant::now(),
            name,
            kind: Some(request.operation_type()),
            code: None,
            has_data: false,
        }
    }

    /// What is told of an operation before it has ended.
    pub(super) fn open(&self) -> OperationSeen {
        OperationSeen { name: self.name.clone(), kind: self.kind, end: None }
    }

    /// Looks at an answer, whose errors have their codes.
    pub(super) fn hear(&mut self, answer: &Answer) {
        self.has_data |= answer.data != Value::Null;
        for code in answer.errors.iter().filter_map(code_of) {
            self.note(code);
        }
    }

    /// Looks at an answer without errors.
    pub(super) fn hear_data(&mut self) {
        self.has_data = true;
    }

    /// A failure of ours is told before a refusal, else what came first.
    fn note(&mut self, code: ErrorCode) {
        if self.code.is_none_or(|noted| is_failure(code) && !is_failure(noted)) {
            self.code = Some(code);
        }
    }

    /// The end: it is counted now.
    pub(super) fn end(mut self) -> OperationSeen {
        let in_errors = self.code.is_some();
        if let Some(code) = self.notes.refused_with() {
            self.note(code);
        }
        let outcome = match self.code {
            None => Outcome::Ok,
            Some(code) if is_failure(code) => Outcome::Failed,
            Some(_) if in_errors && self.has_data => Outcome::Partial,
            Some(_) => Outcome::Refused,
        };
        let seen =
            OperationSeen { name: self.name, kind: self.kind, end: Some((outcome, self.code)) };
        seen.count(&self.names, true);
        if let Some(kind @ (OperationType::Query | OperationType::Mutation)) = self.kind {
            let seconds = self.begun.elapsed().as_secs_f64();
            metrics::histogram!("clinic_graphql_operation_seconds", "type" => word_of(kind))
                .record(seconds);
        }
        seen
    }
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Ok,
    /// Some of its fields could not be answered.
    Partial,
    /// Not done, and the client is told why.
    Refused,
    /// Not done, and the fault is ours.
    Failed,
}

/// What is told of an operation.
#[derive(Debug, Clone)]
pub(in crate::http) struct OperationSeen {
    name: Option<String>,
    kind: Option<OperationType>,
    /// None while it runs.
    end: Option<(Outcome, Option<ErrorCode>)>,
}

impl OperationSeen {
    /// An operation that was not run: it is counted now.
    pub(super) fn refused(names: &OperationNames, asked: OperationAsked, code: ErrorCode) -> Self {
        let OperationAsked { name, kind } = asked;
        let seen = Self { name, kind, end: Some((Outcome::Refused, Some(code))) };
        seen.count(names, false);
        seen
    }

    /// What the client calls it: a name of GraphQL, cut where it is long.
    pub(in crate::http) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// `query`, `mutation` or `subscription`; none where that is not known.
    pub(in crate::http) fn kind(&self) -> Option<&'static str> {
        self.kind.map(word_of)
    }

    /// None while it runs.
    pub(in crate::http) fn outcome(&self) -> Option<&'static str> {
        self.end.map(|(outcome, _)| match outcome {
            Outcome::Ok => "ok",
            Outcome::Partial => "partial",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        })
    }

    /// Why it was not all done.
    pub(in crate::http) fn code(&self) -> Option<&'static str> {
        self.end.and_then(|(_, code)| code).map(ErrorCode::as_str)
    }

    /// A line of its own, for what no line of HTTP tells the end of.
    pub(super) fn log(&self) {
        tracing::info!(
            operation = self.name(),
            operation_type = self.kind(),
            outcome = self.outcome(),
            code = self.code(),
            "GraphQL {self}"
        );
    }

    fn count(&self, names: &OperationNames, served: bool) {
        let labels = [
            ("operation", names.label(self.name(), served)),
            ("type", self.kind().unwrap_or("unknown").into()),
            ("outcome", self.outcome().unwrap_or_default().into()),
            ("code", self.code().unwrap_or_default().into()),
        ];
        metrics::counter!("clinic_graphql_operations_total", &labels).increment(1);
    }
}

impl fmt::Display for OperationSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().unwrap_or("operation"))?;
        for word in [self.name(), self.outcome(), self.code()].into_iter().flatten() {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

fn word_of(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

fn code_of(error: &ServerError) -> Option<ErrorCode> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => ErrorCode::ALL.iter().copied().find(|known| known.as_str() == code),
        _ => None,
    }
}

fn is_failure(code: ErrorCode) -> bool {
    code.status() >= 500
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_names_have_series_of_their_own() {
        let names = OperationNames::default();
        let label = |name: &str, served| names.label(Some(name), served).into_owned();
        assert_eq!(label("Refused", false), "(other)");
        for number in 0..MOST_NAMES {
            assert_eq!(label(&format!("Q{number}"), true), format!("Q{number}"));
        }
        assert_eq!(label("OneMore", true), "(other)");
        assert_eq!(label("Q7", false), "Q7");
        assert_eq!(&*names.label(None, true), "(anonymous)");
        assert_eq!(&*names.label(None, false), "(unknown)");
    }
}
