//! What patients were to be told, held to what the mail server took. It has its own reading of the log.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::TryGetable;

use crate::Trouble;
use crate::database::Store;
use crate::mailbox::Taken;
use crate::rows::hexadecimal;

/// Until this long after a visit was moved or cancelled a reminder may leave that was on its way, in seconds: it is
/// judged at most 2 seconds before it is handed over, and the log has whole seconds.
const ON_ITS_WAY: i64 = 5;
/// So long after it is due a reminder is written down at the latest, in seconds.
const REMINDED_WITHIN: i64 = 20;

/// A line of the log. Instants are seconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) position: i64,
    pub(crate) visit: String,
    pub(crate) kind: String,
    pub(crate) at: i64,
    /// The time and the provider that the visit has since, or is to have.
    pub(crate) place: (i64, String),
}

/// A row of `mail`.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// None of an offer.
    pub(crate) visit: Option<String>,
    pub(crate) position: Option<i64>,
    pub(crate) lead_minutes: Option<i64>,
    pub(crate) place: (i64, String),
    pub(crate) status: String,
    pub(crate) outcome: Option<String>,
    /// Whose it is.
    pub(crate) email: String,
}

/// The log, and what is written down of it.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) events: Vec<Event>,
    pub(crate) mails: Vec<Mail>,
}

const EVENTS: [&str; 2] = [
    "SELECT position, lower(hex(appointment_id)), kind, CAST(strftime('%s', at) AS INTEGER),
        CAST(strftime('%s', to_starts_at) AS INTEGER), lower(hex(to_provider_id))
       FROM appointment_event ORDER BY position",
    "SELECT position, replace(appointment_id::text, '-', ''), kind, extract(epoch FROM at)::bigint,
        extract(epoch FROM to_starts_at)::bigint, replace(to_provider_id::text, '-', '')
       FROM appointment_event WHERE position IS NOT NULL ORDER BY position",
];
const MAILS: [&str; 2] = [
    "SELECT lower(hex(m.id)), m.kind, CASE WHEN m.appointment_id IS NOT NULL THEN lower(hex(m.appointment_id)) END,
        m.position, m.lead_minutes, CAST(strftime('%s', m.starts_at) AS INTEGER), lower(hex(m.provider_id)),
        m.status, m.outcome, p.email
       FROM mail m LEFT JOIN appointment a ON a.id = m.appointment_id
       LEFT JOIN waitlist_entry w ON w.id = m.entry_id JOIN patient p ON p.id = coalesce(a.patient_id, w.patient_id)",
    "SELECT replace(m.id::text, '-', ''), m.kind, replace(m.appointment_id::text, '-', ''),
        m.position, m.lead_minutes::bigint, extract(epoch FROM m.starts_at)::bigint, replace(m.provider_id::text, '-', ''),
        m.status, m.outcome, p.email
       FROM mail m LEFT JOIN appointment a ON a.id = m.appointment_id
       LEFT JOIN waitlist_entry w ON w.id = m.entry_id JOIN patient p ON p.id = coalesce(a.patient_id, w.patient_id)",
];

fn at<T: TryGetable>(row: &sea_orm::QueryResult, column: usize) -> Result<T, sea_orm::DbErr> {
    row.try_get_by_index(column)
}

impl Book {
    pub(crate) async fn read(store: &Store) -> Result<Self, Trouble> {
        let sql = |[sqlite, postgres]: [&'static str; 2]| store.engine.sql(sqlite, postgres);
        let mut events = Vec::new();
        for row in &store.query(sql(EVENTS)).await? {
            events.push(Event {
                position: at(row, 0)?,
                visit: at(row, 1)?,
                kind: at(row, 2)?,
                at: at(row, 3)?,
                place: (at(row, 4)?, at(row, 5)?),
            });
        }
        let mut mails = Vec::new();
        for row in &store.query(sql(MAILS)).await? {
            mails.push(Mail {
                id: at(row, 0)?,
                kind: at(row, 1)?,
                visit: at(row, 2)?,
                position: at(row, 3)?,
                lead_minutes: at(row, 4)?,
                place: (at(row, 5)?, at(row, 6)?),
                status: at(row, 7)?,
                outcome: at(row, 8)?,
                email: at(row, 9)?,
            });
        }
        Ok(Self { events, mails })
    }
}

/// What is wrong with what was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Events that patients are to be told of, and that are not one mail of their kind.
    pub(crate) unwritten: usize,
    /// Visits whose moment to be reminded of has come, of which no mail reminds.
    pub(crate) unreminded: usize,
    /// Mail that never came, though it is not one that made no sense any more.
    pub(crate) unsent: usize,
    /// Messages that are no mail of these, that go to somebody else, or are not what their mail is, or was before.
    pub(crate) changed: usize,
    pub(crate) out_of_order: usize,
    /// Reminders of visits that were no longer there when they left.
    pub(crate) untimely: usize,
}

impl Findings {
    pub(crate) fn total(&self) -> usize {
        self.unwritten
            + self.unreminded
            + self.unsent
            + self.changed
            + self.out_of_order
            + self.untimely
    }

    /// Of what was taken, in that order, `now` in seconds since 1970 being when the rows were read.
    pub(crate) fn of(book: &Book, taken: &[Taken], now: i64) -> Self {
        let mut mails: BTreeMap<&str, &Mail> = BTreeMap::new();
        mails.extend(book.mails.iter().map(|mail| (mail.id.as_str(), mail)));
        let mut logs: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
        for event in &book.events {
            logs.entry(&event.visit).or_default().push(event);
        }
        let mut found = Self { unwritten: unwritten(book, &logs), ..Self::default() };
        found.unreminded = logs.values().filter(|log| is_unreminded(log, book, now)).count();
        let mut first: BTreeMap<String, &Taken> = BTreeMap::new();
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for message in taken {
            let id = hexadecimal(&message.id).unwrap_or_default();
            let Some(mail) = mails.get(id.as_str()) else {
                found.changed += 1;
                continue;
            };
            let is_its = message.subject.contains(words(&mail.kind)) && message.to == mail.email;
            let log = mail.visit.as_deref().and_then(|visit| logs.get(visit));
            if mail.kind == "REMINDER" {
                let stood = log.is_some_and(|log| stood(log, &mail.place, message.left_at / 1000));
                found.untimely += usize::from(!stood);
            }
            let before = first.get(&id).copied();
            let is_same = before.is_none_or(|before| before.subject == message.subject);
            found.changed += usize::from(!is_its || !is_same);
            if before.is_some() {
                // What comes again may come late.
                continue;
            }
            first.insert(id, message);
            if let (Some(visit), Some(position)) = (mail.visit.as_deref(), mail.position) {
                let before = last.insert(visit, position);
                found.out_of_order += usize::from(before.is_some_and(|before| before > position));
            }
        }
        let came = |mail: &Mail| first.contains_key(&mail.id);
        found.unsent =
            book.mails.iter().filter(|mail| !may_be_missing(mail) && !came(mail)).count();
        found
    }
}

/// What the subject of that kind has.
fn words(kind: &str) -> &'static str {
    match kind {
        "CONFIRMATION" => " is confirmed",
        "CHANGE" => "Your visit has changed",
        "CANCELLATION" => " is cancelled",
        "REMINDER" => "Reminder: ",
        _ => "A time has become free",
    }
}

/// Reminders and offers may be overtaken; what has happened is told unless it is too late.
fn may_be_missing(mail: &Mail) -> bool {
    let is_late = mail.outcome.as_deref() == Some("TOO_LATE");
    mail.status == "DROPPED" && (mail.position.is_none() || is_late)
}

/// What is told of an event.
fn telling(event: &Event, log: &[&Event]) -> Option<&'static str> {
    match event.kind.as_str() {
        "CONFIRMED" => Some("CONFIRMATION"),
        "RESCHEDULED" | "REASSIGNED" => Some("CHANGE"),
        "CANCELLED" | "FAILED" | "EXPIRED" => {
            log.iter().any(|other| other.kind == "CONFIRMED").then_some("CANCELLATION")
        }
        _ => None,
    }
}

fn unwritten(book: &Book, logs: &BTreeMap<&str, Vec<&Event>>) -> usize {
    let mut written: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for mail in &book.mails {
        if let Some(position) = mail.position {
            written.entry(position).or_default().push(&mail.kind);
        }
    }
    let is_wrong = |event: &&Event| {
        let kinds = written.get(&event.position).map(Vec::as_slice).unwrap_or_default();
        let log = logs.get(event.visit.as_str()).map(Vec::as_slice).unwrap_or_default();
        match telling(event, log) {
            Some(kind) => kinds != [kind],
            None => !kinds.is_empty(),
        }
    };
    book.events.iter().filter(is_wrong).count()
}

/// Since when a visit stands where it then does, and where; nowhere, once it is to be cancelled.
fn stands<'a>(log: &[&'a Event]) -> Vec<(i64, Option<&'a (i64, String)>)> {
    let at = |event: &&'a Event| match event.kind.as_str() {
        "CONFIRMED" | "RESCHEDULED" | "REASSIGNED" | "REINSTATED" => {
            Some((event.at, Some(&event.place)))
        }
        "CANCELLING" | "CANCELLED" | "FAILED" | "EXPIRED" => Some((event.at, None)),
        _ => None,
    };
    log.iter().filter_map(at).collect()
}

/// Whether a visit was there when that reminder left, or a moment before.
fn stood(log: &[&Event], place: &(i64, String), left_at: i64) -> bool {
    let stands = stands(log);
    let until = |next: usize| stands.get(next).map_or(i64::MAX, |(at, _)| at + ON_ITS_WAY);
    stands.iter().enumerate().any(|(step, (since, at))| {
        *at == Some(place) && *since <= left_at && left_at <= until(step + 1)
    })
}

/// Whether the visit stood where it is long before each moment that others were reminded at, and nobody reminds of it.
fn is_unreminded(log: &[&Event], book: &Book, now: i64) -> bool {
    let leads: BTreeSet<i64> = book.mails.iter().filter_map(|mail| mail.lead_minutes).collect();
    let Some((since, Some(place))) = stands(log).pop() else { return false };
    let visit = log.first().map(|event| &event.visit);
    leads.into_iter().any(|lead| {
        let due_at = place.0 - lead * 60;
        let reminds = |mail: &Mail| mail.lead_minutes == Some(lead) && mail.place == *place;
        let is_due = since < due_at - ON_ITS_WAY && due_at < now - REMINDED_WITHIN;
        is_due && !book.mails.iter().any(|mail| mail.visit.as_ref() == visit && reminds(mail))
    })
}

/// How often mail came again that had come, and why.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// The server had not said that it has it.
    pub(crate) unacknowledged: usize,
    /// It came first while servers were killed.
    pub(crate) amid_kills: usize,
    pub(crate) unexplained: usize,
}

impl Repeats {
    /// Servers were killed until `quiet_from`, in milliseconds since 1970.
    pub(crate) fn of(taken: &[Taken], quiet_from: i64) -> Self {
        let mut found = Self::default();
        let mut before: BTreeMap<&str, &Taken> = BTreeMap::new();
        for message in taken {
            match before.insert(&message.id, message) {
                None => {}
                Some(earlier) if !earlier.acknowledged => found.unacknowledged += 1,
                Some(earlier) if earlier.left_at < quiet_from => found.amid_kills += 1,
                Some(_) => found.unexplained += 1,
            }
        }
        found
    }
}
