//! The one table at the end, and the same as JSON.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use serde_json::json;

use crate::drive::Sample;
use crate::stage::Stage;
use crate::{Options, Trouble};

/// One scenario on one stage.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    engine: &'static str,
    stored: u32,
    scenario: String,
    /// The middle latency of one connection alone, in milliseconds.
    alone: Option<f64>,
    pub(crate) per_second: f64,
    /// Milliseconds.
    p50: f64,
    pub(crate) p99: f64,
    requests: u64,
    errors: u64,
    first_error: Option<String>,
    statements: Option<Counted>,
    ceiling: Option<Raw>,
}

#[derive(Debug, Clone)]
struct Raw {
    per_second: f64,
    p50: f64,
    errors: u64,
    /// The middle one of the rounds' ratios.
    ratio: f64,
}

/// What one request sent to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) statements: usize,
    pub(crate) transactions: usize,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.transactions {
            0 => write!(f, "{}", self.statements),
            count => write!(f, "{} ({count} tx)", self.statements),
        }
    }
}

/// A figure that is no throughput.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    engine: &'static str,
    stored: u32,
    what: String,
    value: String,
}

impl Note {
    pub(crate) fn new(stage: &Stage, what: &str, value: String) -> Self {
        Self {
            engine: stage.store.engine.name(),
            stored: stage.stored,
            what: what.to_owned(),
            value,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {} | {} | {}", self.engine, self.stored, self.what, self.value)
    }
}

pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / 1_048_576.0)
}

fn milliseconds(sample: &Sample, quantile: f64) -> f64 {
    sample.latencies.value_at_quantile(quantile) as f64 / 1000.0
}

fn sum(samples: &[Sample]) -> Sample {
    let mut all = Sample::new();
    for sample in samples {
        all.add(sample);
    }
    all
}

impl Row {
    /// What came of the rounds; without a ceiling where there is none to compare with.
    pub(crate) fn new(stage: &Stage, scenario: &str, answers: &[Sample], raws: &[Sample]) -> Self {
        let (all, raw) = (sum(answers), sum(raws));
        let mut ratios: Vec<f64> = answers
            .iter()
            .zip(raws)
            .map(|(answer, raw)| answer.per_second() / raw.per_second().max(0.001))
            .collect();
        ratios.sort_by(f64::total_cmp);
        let ceiling = ratios.get(ratios.len() / 2).map(|ratio| Raw {
            per_second: raw.per_second(),
            p50: milliseconds(&raw, 0.5),
            errors: raw.errors,
            ratio: *ratio,
        });
        Self {
            engine: stage.store.engine.name(),
            stored: stage.stored,
            scenario: scenario.to_owned(),
            alone: None,
            per_second: all.per_second(),
            p50: milliseconds(&all, 0.5),
            p99: milliseconds(&all, 0.99),
            requests: all.latencies.len(),
            errors: all.errors,
            first_error: all.first_error.or(raw.first_error),
            statements: None,
            ceiling,
        }
    }

    /// Adds what one connection saw with nobody else there.
    pub(crate) fn with_alone(mut self, sample: &Sample) -> Self {
        self.alone = Some(milliseconds(sample, 0.5));
        self
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "engine": self.engine, "stored": self.stored, "scenario": self.scenario,
            "alone_p50_ms": self.alone,
            "per_second": self.per_second, "p50_ms": self.p50, "p99_ms": self.p99,
            "requests": self.requests, "errors": self.errors,
            "statements": self.statements.map(|counted| counted.statements),
            "transactions": self.statements.map(|counted| counted.transactions),
            "ceiling_per_second": self.ceiling.as_ref().map(|raw| raw.per_second),
            "ceiling_p50_ms": self.ceiling.as_ref().map(|raw| raw.p50),
            "ratio": self.ceiling.as_ref().map(|raw| raw.ratio),
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statements = self.statements.map_or_else(|| "–".to_owned(), |it| it.to_string());
        let alone = self.alone.map_or_else(|| "–".to_owned(), |it| format!("{it:.1}"));
        let (raw, ratio) = match &self.ceiling {
            Some(raw) => (format!("{:.0}", raw.per_second), format!("{:.2}", raw.ratio)),
            None => ("–".to_owned(), "–".to_owned()),
        };
        write!(
            f,
            "{} | {} | {} | {alone} | {:.0} | {:.1} | {:.1} | {} | {statements} | {raw} | {ratio}",
            self.engine,
            self.stored,
            self.scenario,
            self.per_second,
            self.p50,
            self.p99,
            self.errors,
        )
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    notes: Vec<Note>,
}

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        println!("   {row}");
        if let Some(error) = &row.first_error {
            println!("     first of its {} errors: {error}", row.errors);
        }
        if row.ceiling.as_ref().is_some_and(|raw| raw.errors > 0) {
            println!("     THE CEILING HAD ERRORS: its figure means nothing");
        }
        self.rows.push(row);
    }

    pub(crate) fn note(&mut self, note: Note) {
        println!("   {note}");
        self.notes.push(note);
    }

    /// Adds what a scenario of several rows has come to.
    pub(crate) fn add_all(
        &mut self,
        rows: impl IntoIterator<Item = Row>,
        notes: impl IntoIterator<Item = Note>,
    ) {
        rows.into_iter().for_each(|row| self.add(row));
        notes.into_iter().for_each(|note| self.note(note));
    }

    /// Adds what one request of each scenario sends to the database.
    pub(crate) fn counted(&mut self, stage: &Stage, counted: &HashMap<&'static str, Counted>) {
        let of_stage =
            |row: &&mut Row| row.engine == stage.store.engine.name() && row.stored == stage.stored;
        for row in self.rows.iter_mut().filter(of_stage) {
            row.statements = counted.get(row.scenario.as_str()).copied();
        }
    }

    pub(crate) fn write(&self, file: &Path, options: &Options) -> Result<(), Trouble> {
        let notes = self.notes.iter().map(|note| {
            json!({ "engine": note.engine, "stored": note.stored, "what": note.what, "value": note.value })
        });
        let all = json!({
            "connections": options.connections, "seconds": options.seconds, "rounds": options.rounds,
            "rows": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
            "notes": notes.collect::<Vec<_>>(),
        });
        std::fs::write(file, serde_json::to_string_pretty(&all)?)?;
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| engine | stored | scenario | alone ms | requests/s | p50 ms | p99 ms | errors | SQL | ceiling/s | ratio |"
        )?;
        writeln!(
            f,
            "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        )?;
        for row in &self.rows {
            writeln!(f, "| {row} |")?;
        }
        writeln!(f, "\n| engine | stored | what | figure |\n| --- | ---: | --- | ---: |")?;
        for note in &self.notes {
            writeln!(f, "| {note} |")?;
        }
        Ok(())
    }
}
