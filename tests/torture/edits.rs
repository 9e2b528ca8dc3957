//! Edits of the roster that last for a while, and the bookings that none may be made against.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Trouble;
use crate::checker::{Kind, Report};
use crate::client::Client;
use crate::history::{Entry, Operation};
use crate::roster::{INSURANCE, STATE};

/// What is done to a provider, and undone later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Away for a span of time.
    TimeOff,
    /// No hours on a day.
    DayOff,
    /// Licensed nowhere near.
    NoLicence,
    /// Takes no insurance of the patients.
    NoInsurance,
    /// Has left.
    Inactive,
}

pub(crate) const EDITS: [Edit; 5] =
    [Edit::TimeOff, Edit::DayOff, Edit::NoLicence, Edit::NoInsurance, Edit::Inactive];

/// An edit while it counted, by the clock of the history.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    edit: Edit,
    provider: String,
    /// The time that can't be booked; none is all of it.
    span: Option<(i64, i64)>,
    /// When it was answered: what is sent later meets it.
    from: Duration,
    /// When it was asked to be undone: what is answered sooner met it.
    until: Duration,
}

impl Counted {
    /// The edit of that provider for `[start, end)`, a day from midnight on, until it is undone; and what
    /// undoes it.
    pub(crate) async fn begin(
        client: &Client,
        server: usize,
        (edit, provider): (Edit, &str),
        (start, end): (i64, i64),
    ) -> Result<(Self, Value), Trouble> {
        let undo = edit.begin(client, server, provider, (start, end)).await?;
        let span = matches!(edit, Edit::TimeOff | Edit::DayOff).then_some((start, end));
        let (provider, from) = (provider.to_owned(), client.now());
        Ok((Self { edit, provider, span, from, until: Duration::MAX }, undo))
    }

    /// Undoes it.
    pub(crate) async fn end(
        &mut self,
        client: &Client,
        server: usize,
        undo: Value,
    ) -> Result<(), Trouble> {
        self.until = client.now();
        done(client, server, (self.edit.undone_by(), "provider { id }"), undo).await?;
        Ok(())
    }

    /// Whether that was asked for and done while this counted, and should not have been.
    fn is_broken_by(&self, entry: &Entry) -> bool {
        let Some(answer) = entry.done() else { return false };
        let while_it_counted = entry.sent >= self.from && entry.sent + entry.took <= self.until;
        let of_hours = self.span.is_some();
        let (provider, is_judged) = match entry.asked.operation {
            // What is held is booked whatever has become of the provider's hours since.
            Operation::Book => (&answer.provider, !of_hours || entry.asked.token.is_none()),
            // For whom is not known yet.
            Operation::Hold => (&answer.provider, of_hours || self.edit == Edit::Inactive),
            Operation::Reassign => (&entry.asked.provider, true),
            Operation::Release | Operation::Reschedule | Operation::Cancel | Operation::Status => {
                return false;
            }
        };
        if !is_judged || !while_it_counted || provider.as_deref() != Some(self.provider.as_str()) {
            return false;
        }
        let Some((from, until)) = self.span else { return true };
        let Some(start) = answer.start else { return false };
        let minutes = entry.asked.minutes.unwrap_or(1);
        start < until && start + minutes * 60 > from
    }
}

impl Edit {
    async fn begin(
        self,
        client: &Client,
        server: usize,
        provider: &str,
        (start, end): (i64, i64),
    ) -> Result<Value, Trouble> {
        let instant = |at: i64| jiff::Timestamp::from_second(at).unwrap();
        let day = instant(start).strftime("%Y-%m-%d").to_string();
        // Of nobody else.
        let number: String = provider.chars().rev().take(12).collect();
        let licence = |state: &str| json!({ "providerId": provider, "licences": [{ "state": state, "number": number }] });
        let payers = |names: &[&str]| json!({ "providerId": provider, "insurances": names });
        let (from, to) = (instant(start).to_string(), instant(end).to_string());
        let (asked, undo) = match self {
            Self::TimeOff => (
                json!({ "providerId": provider, "reason": "Leave", "startsAt": from, "endsAt": to }),
                Value::Null,
            ),
            Self::DayOff => (
                json!({ "providerId": provider, "date": day, "hours": [] }),
                json!({ "providerId": provider, "date": day, "hours": null }),
            ),
            Self::NoLicence => (licence("CT"), licence(STATE)),
            Self::NoInsurance => (payers(&[]), payers(&[INSURANCE])),
            Self::Inactive => (
                json!({ "id": provider, "active": false }),
                json!({ "id": provider, "active": true }),
            ),
        };
        if self != Self::TimeOff {
            done(client, server, (self.undone_by(), "provider { id }"), asked).await?;
            return Ok(undo);
        }
        let selection = format!("provider {{ timeOff(from: \"{from}\", to: \"{to}\") {{ id }} }}");
        let payload = done(client, server, ("addTimeOff", &selection), asked).await?;
        Ok(json!({ "id": payload["provider"]["timeOff"][0]["id"] }))
    }

    fn undone_by(self) -> &'static str {
        match self {
            Self::TimeOff => "removeTimeOff",
            Self::DayOff => "setDateOverride",
            Self::NoLicence => "setLicences",
            Self::NoInsurance => "setInsurances",
            Self::Inactive => "updateProvider",
        }
    }
}

/// Asks, under one key, until a server says that it is done.
async fn done(
    client: &Client,
    server: usize,
    what: (&str, &str),
    mut input: Value,
) -> Result<Value, Trouble> {
    input["idempotencyKey"] = json!(format!("edit-{}", rand::random::<u64>()));
    for again in 0..400 {
        if let Some(payload) = client.edit(server + again, what, input.clone()).await? {
            return Ok(payload);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(format!("{} is not done", what.0).into())
}

/// Nothing was booked against an edit that had been answered before it was asked for.
pub(crate) fn check(history: &[Entry], edits: &[Counted], report: &mut Report) {
    for edit in edits {
        for entry in history.iter().filter(|entry| edit.is_broken_by(entry)) {
            let id = entry.done().and_then(|answer| answer.id.as_deref()).unwrap_or_default();
            report.add(Kind::AgainstRule, format!("{id} against {:?}", edit.edit));
        }
    }
}
