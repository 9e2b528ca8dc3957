//! Mail: visits are booked, moved, reassigned and cancelled, some of them just before they are reminded of, while servers
//! are killed and the mail server puts off, hangs, drops and lets nobody in. Of each event one mail comes, of one visit in
//! order, again only where nobody can know that it came, and no reminder of a visit that is no longer there.

use std::time::Duration;

use rand::RngExt as _;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::kills::{Acting, Beneath, Hand, Kills, Told, ask, at_work, own_cluster, under_kills};
use super::{DAY, midnight_in};
use crate::cluster::Cluster;
use crate::database::Engine;
use crate::mailbox::{Mailbox, Taken, now};
use crate::roster::{self, ALWAYS, INSURANCE, STATE};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::told::{Book, Event, Findings, Mail, Repeats};
use crate::{Context, Trouble};

const PROVIDERS: usize = 40;
/// The later of two reminders, in seconds before a visit.
const LEAD: i64 = 3600;
/// How long what was put off may take until it has come: what a killed server was about to send waits for its lease.
const TOLD_WITHIN: Duration = Duration::from_mins(6);
/// How many one server has in hand at once, over all its connections, and may send again once it was killed.
const IN_HAND: usize = 32;
/// For so long all act once nobody is killed any more.
const QUIET: Duration = Duration::from_secs(8);

const BOOK: &str =
    "mutation ($input: BookAppointmentInput!) { answer: bookAppointment(input: $input) {
    appointment { id } error { code } } }";
const MOVE: &str = "mutation ($input: RescheduleAppointmentInput!) { answer: rescheduleAppointment(input: $input) {
    appointment { id } error { code } } }";
const REASSIGN: &str =
    "mutation ($input: ReassignAppointmentInput!) { answer: reassignAppointment(input: $input) {
    appointment { id } error { code } } }";
const CANCEL: &str =
    "mutation ($input: CancelAppointmentInput!) { answer: cancelAppointment(input: $input) {
    appointment { id } error { code } } }";
const JOIN: &str = "mutation ($input: JoinWaitlistInput!) { answer: joinWaitlist(input: $input) {
    entry { id } error { code } } }";

/// What is still to be written down, or to be sent.
const PENDING: [&str; 3] = [
    "SELECT count(*) FROM mail WHERE status = 'PENDING'",
    "SELECT count(*) FROM mail_reader r, (SELECT max(position) AS last FROM appointment_event) log
      WHERE r.position < log.last",
    "SELECT count(*) FROM waitlist_offer o WHERE outcome IS NULL
      AND NOT EXISTS (SELECT 1 FROM mail m WHERE m.offer_id = o.id)",
];

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let kills = context.scaled(60, 4);
    let mailbox = Mailbox::start(context.seed_for("mail server")).await?;
    let cluster = own_cluster(engine).await?;
    let mut setup = Setup::with(roster::of(PROVIDERS, &ALWAYS))
        .setting("ANSWER_WITHIN_MS", "1000")
        .setting("SMTP_URL", &mailbox.url)
        .setting("MAIL_FROM", "no-reply@clinic.example")
        .setting("REMINDERS", "62m,60m");
    setup.admin = cluster.as_ref().map(Cluster::url);
    if context.closed {
        setup = setup.setting("PUBLIC_URL", "http://clinic.example");
    }
    let mut stage = Stage::open(context, engine, setup).await?;
    let database = Beneath::of(cluster.as_ref());
    let rounds = Kills { name: "mail", count: kills, after: 1500..5000, database };
    let caller = |hand| Caller { hand, visits: Vec::new() };
    let mut told = under_kills((context, &stage), rounds, &caller).await?;
    let quiet_from = now();
    let resting = async {
        sleep(QUIET).await;
        Ok(())
    };
    told.add(at_work((context, &stage), "mail-quiet", &caller, resting).await?);
    let deadlocks = cluster.as_ref().map_or(Ok(0), Cluster::deadlocks)?;
    let (report, _) = stage.verdict().await?;
    let faults = mailbox.faults();
    mailbox.recover();
    let (pending, book, taken) = until_told(&stage, &mailbox).await?;
    let found = Findings::of(&book, &taken, now() / 1000);
    let repeats = Repeats::of(&taken, quiet_from);
    let database_kills = cluster.as_ref().map_or(0, |_cluster| kills / 2);
    // Without their database as many servers send again as there are.
    let killed = kills + database_kills * stage.servers();
    let unexplained = repeats.amid_kills.saturating_sub(killed * IN_HAND)
        + if repeats.unexplained > taken.len() / 1000 { repeats.unexplained } else { 0 };
    let reminders = taken.iter().filter(|message| message.subject.starts_with("Reminder")).count();
    let broken = report.total()
        + told.bugs
        + found.total()
        + unexplained
        // Where nobody was reminded nothing was shown.
        + usize::from(reminders == 0)
        + deadlocks
        + usize::try_from(pending)?;
    if broken > 0 {
        stage.keep();
        let seen = format!("{book:#?}\n{taken:#?}\nquiet from {quiet_from}");
        std::fs::write(stage.folder().join("mail.txt"), seen)?;
    }
    let sabotaged = sabotaged(&stage, &mailbox).await?;
    stage.close().await?;
    Ok(vec![
        Row::new("mail under kill -9: each event told once, in order, none too late", engine, book.mails.len())
            .violated(broken)
            .note(format!(
                "{kills} kills of a server and {database_kills} of the database, {} events, {} messages, {reminders} of them reminders, {} offers, {faults} faults of \
                 the mail server, {deadlocks} deadlocks, {pending} pending, {:?}",
                book.events.len(),
                taken.len(),
                book.mails.iter().filter(|mail| mail.kind == "OFFER").count(),
                told.answers
            ))
            .note(format!("{found:?}, {repeats:?}"))
            .note(report.to_string()),
        Row::new("sabotage: mail made to be wrong", engine, sabotaged.len())
            .violated(sabotaged.iter().filter(|(_, is_red)| !is_red).count())
            .note(format!("{sabotaged:?}")),
    ])
}

/// What is told once all has had its time, and how much is to be told even then. Reminders become due at any moment.
async fn until_told(stage: &Stage, mailbox: &Mailbox) -> Result<(i64, Book, Vec<Taken>), Trouble> {
    let since = Instant::now();
    loop {
        let mut pending = 0;
        for sql in PENDING {
            pending += stage.store.number(sql).await?;
        }
        let before = mailbox.taken().len();
        let (book, taken) = (Book::read(&stage.store).await?, mailbox.taken());
        let is_whole = book.mails.iter().all(|mail| mail.status != "PENDING");
        let is_told = pending == 0 && is_whole && taken.len() == before;
        if is_told || since.elapsed() > TOLD_WITHIN {
            return Ok((pending, book, taken));
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Each kind of it made by hand, and whether it was found.
async fn sabotaged(stage: &Stage, mailbox: &Mailbox) -> Result<Vec<(&'static str, bool)>, Trouble> {
    let mut seen = Vec::new();
    let moment = now() / 1000;
    let (_, book, taken) = until_told(stage, mailbox).await?;
    let found = |book: &Book, taken: &[Taken]| Findings::of(book, taken, moment);
    let before = found(&book, &taken);

    let swapped = swapped(&book, &taken).ok_or("no visit was told of twice")?;
    let of_swapped = found(&book, &swapped).out_of_order > before.out_of_order;
    seen.push(("two messages of a visit swapped", of_swapped));

    let (with_reminder, and_taken) =
        reminded_of_nothing(&book, &taken).ok_or("no visit was cancelled")?;
    let of_reminder = found(&with_reminder, &and_taken).untimely > before.untimely;
    seen.push(("a reminder of a cancelled visit", of_reminder));

    mailbox.forget_one();
    let patient = json!({ "name": "Sab Otage", "email": "sabotage@example.com", "state": STATE, "insurance": INSURANCE });
    drop(ask(&stage.client, 0, BOOK, json!({ "patient": patient })).await);
    stage.settled(crate::stage::SETTLED_WITHIN).await?;
    let (_, book, taken) = until_told(stage, mailbox).await?;
    let after = found(&book, &taken);
    seen.push(("said to be taken, and forgotten", after.unsent == before.unsent + 1));

    let deleted = stage
        .store
        .execute("DELETE FROM mail WHERE position = (SELECT max(position) FROM mail)")
        .await?;
    let (_, book, taken) = until_told(stage, mailbox).await?;
    let after = found(&book, &taken);
    seen.push(("a row deleted", deleted == 1 && after.unwritten == before.unwritten + 1));
    Ok(seen)
}

/// The messages with the first two of a visit in each other's place.
fn swapped(book: &Book, taken: &[Taken]) -> Option<Vec<Taken>> {
    let of = |message: &Taken| {
        let id = crate::rows::hexadecimal(&message.id)?;
        let mail = book.mails.iter().find(|mail| mail.id == id)?;
        Some((mail.visit.clone()?, mail.position?))
    };
    let all: Vec<_> = taken.iter().map(of).collect();
    let another = |(place, mail): (usize, &Option<(String, i64)>)| {
        let (visit, position) = mail.as_ref()?;
        let is_next = |other: &Option<(String, i64)>| {
            other.as_ref().is_some_and(|(its, later)| its == visit && later > position)
        };
        Some((place, place + all[place..].iter().position(is_next)?))
    };
    let (one, other) = all.iter().enumerate().find_map(another)?;
    let mut swapped = taken.to_vec();
    swapped.swap(one, other);
    Some(swapped)
}

/// A reminder that left a minute after its visit was cancelled.
fn reminded_of_nothing(book: &Book, taken: &[Taken]) -> Option<(Book, Vec<Taken>)> {
    let (mut book, mut taken) = (book.clone(), taken.to_vec());
    let cancelled: &Event = book.events.iter().find(|event| event.kind == "CANCELLED")?;
    let visit = Some(cancelled.visit.clone());
    let told = book.mails.iter().find(|mail| mail.visit == visit)?.clone();
    let id = "mai_00000000000000000000000000".to_owned();
    let left_at = (cancelled.at + 60) * 1000;
    let (to, subject) = (told.email.clone(), "Reminder: your visit".to_owned());
    let kind = "REMINDER".to_owned();
    let id_there = crate::rows::hexadecimal(&id)?;
    let reminder = Mail { id: id_there, kind, position: None, lead_minutes: Some(60), ..told };
    book.mails.push(reminder);
    taken.push(Taken { id, to, subject, left_at, acknowledged: true });
    Some((book, taken))
}

struct Visit {
    id: String,
    provider: String,
    start: i64,
}

struct Caller {
    hand: Hand,
    visits: Vec<Visit>,
}

impl Acting for Caller {
    async fn act(&mut self, number: usize, told: &mut Told) {
        match (self.hand.rng.random_range(0..20), self.visits.is_empty()) {
            (0..=3, false) => {
                let place = self.any();
                let start = self.start();
                let input = json!({ "id": self.visits[place].id, "startsAt": written(start) });
                let moved = self.hand.ask(MOVE, input).await;
                if is_done(told.note("move", moved).as_ref()) {
                    self.visits[place].start = start;
                }
            }
            (4, false) => {
                let (place, provider) = (self.any(), self.hand.provider());
                let input = json!({ "id": self.visits[place].id, "providerId": provider });
                let reassigned = self.hand.ask(REASSIGN, input).await;
                if is_done(told.note("reassign", reassigned).as_ref()) {
                    self.visits[place].provider = provider;
                }
            }
            (5..=8, false) => {
                let place = self.any();
                let id = self.visits.swap_remove(place).id;
                let cancelled = self.hand.ask(CANCEL, json!({ "id": id })).await;
                told.note("cancel", cancelled);
            }
            (9, false) => {
                let place = self.any();
                let (mut input, Visit { provider, start, .. }) =
                    (self.wish(number), &self.visits[place]);
                input["providerId"] = json!(provider);
                input["earliest"] = json!(written(*start));
                input["latest"] = input["earliest"].clone();
                let joined = self.hand.ask(JOIN, input).await;
                told.note("join", joined);
            }
            _ => {
                let (mut input, provider, start) =
                    (self.wish(number), self.hand.provider(), self.start());
                input["providerId"] = json!(provider);
                input["startsAt"] = json!(written(start));
                let booked = self.hand.ask(BOOK, input).await;
                let booked = told.note("book", booked);
                let id = booked
                    .and_then(|booked| booked["appointment"]["id"].as_str().map(str::to_owned));
                self.visits.extend(id.map(|id| Visit { id, provider, start }));
            }
        }
    }
}

fn is_done(payload: Option<&Value>) -> bool {
    payload.is_some_and(|payload| payload["error"].is_null())
}

fn written(start: i64) -> String {
    jiff::Timestamp::from_second(start).map(|at| at.to_string()).unwrap_or_default()
}

impl Caller {
    fn any(&mut self) -> usize {
        self.hand.rng.random_range(0..self.visits.len())
    }

    fn wish(&self, number: usize) -> Value {
        let who = format!("{}-{number}", self.hand.who);
        json!({
            "patient": { "name": who, "email": format!("{who}@example.com"), "state": STATE, "insurance": INSURANCE },
            "durationMinutes": 5, "idempotencyKey": who,
        })
    }

    /// Some days from now, or so that its reminder is due within three minutes.
    fn start(&mut self) -> i64 {
        if self.hand.rng.random_bool(0.4) {
            let minute = now() / 60_000 + self.hand.rng.random_range(1..4);
            return minute * 60 + LEAD;
        }
        let (day, step) = (self.hand.rng.random_range(3..30), self.hand.rng.random_range(0..90));
        midnight_in(day) + DAY / 2 + step * 300
    }
}
