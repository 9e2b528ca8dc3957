//! The one table at the end.

use std::fmt;

use crate::database::Engine;

/// One promise on one engine.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    promise: String,
    engine: Engine,
    runs: usize,
    violations: usize,
    note: String,
}

impl Row {
    pub(crate) fn new(promise: &str, engine: Engine, runs: usize) -> Self {
        Self { promise: promise.to_owned(), engine, runs, violations: 0, note: String::new() }
    }

    pub(crate) fn skipped(promise: &str, engine: Engine, why: &str) -> Self {
        Self::new(promise, engine, 0).note(format!("*** SKIPPED: {why} ***"))
    }

    pub(crate) fn violated(mut self, times: usize) -> Self {
        self.violations += times;
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        let note = note.into();
        if !note.is_empty() {
            if !self.note.is_empty() {
                self.note.push_str("; ");
            }
            self.note.push_str(&note);
        }
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} | {} | {} | {} | {}",
            self.promise,
            self.engine.name(),
            self.runs,
            self.violations,
            self.note
        )
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn violations(&self) -> usize {
        self.0.iter().map(|row| row.violations).sum()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| promise | engine | runs | violations | note |")?;
        writeln!(f, "| --- | --- | ---: | ---: | --- |")?;
        for row in &self.0 {
            writeln!(f, "| {row} |")?;
        }
        match self.violations() {
            0 => write!(f, "No violation."),
            count => write!(f, "{count} VIOLATIONS."),
        }
    }
}
