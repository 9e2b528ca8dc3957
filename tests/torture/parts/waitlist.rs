//! The waitlist: those who wait for the same few times join, leave, take what is offered and turn it down, among
//! bookings and cancellations of these times, while servers are killed and the outside service fails and refuses. No
//! time is offered to two, none is lost in an offer, and none stays free that somebody waits for.

use std::time::Duration;

use rand::RngExt as _;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::kills::{Acting, Beneath, Hand, Kills, Told, under_kills};
use super::{DAY, midnight_in};
use crate::database::Engine;
use crate::roster::{self, ALWAYS, INSURANCE, STATE};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const PROVIDERS: usize = 2;
/// Times that all are after, of each provider.
const TIMES: i64 = 6;
/// Until what is free must be offered once the clients rest.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const JOIN: &str =
    "mutation ($input: JoinWaitlistInput!) { answer: joinWaitlist(input: $input) {
    entry { id } error { code } } }";
const LEAVE: &str =
    "mutation ($input: LeaveWaitlistInput!) { answer: leaveWaitlist(input: $input) {
    entry { id } error { code } } }";
const DECLINE: &str =
    "mutation ($input: DeclineOfferInput!) { answer: declineOffer(input: $input) {
    entry { id } error { code } } }";
pub(super) const ACCEPT: &str =
    "mutation ($input: AcceptOfferInput!) { answer: acceptOffer(input: $input) {
    appointment { id } error { code } } }";
const BOOK: &str =
    "mutation ($input: BookAppointmentInput!) { answer: bookAppointment(input: $input) {
    appointment { id } error { code } } }";
const CANCEL: &str =
    "mutation ($input: CancelAppointmentInput!) { answer: cancelAppointment(input: $input) {
    appointment { id } error { code } } }";

/// What must not be once all is settled, at whatever moment.
const WRONG: [(&str, &str); 6] = [
    (
        "offered, and not held",
        "SELECT count(*) FROM waitlist_offer o WHERE outcome IS NULL
            AND NOT EXISTS (SELECT 1 FROM appointment a WHERE a.id = o.id AND a.status = 'HELD')",
    ),
    (
        "held for nobody",
        "SELECT count(*) FROM appointment a WHERE status = 'HELD' AND hold_for IS NULL
            AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.appointment_id = a.id)
            AND NOT EXISTS (SELECT 1 FROM waitlist_offer o WHERE o.id = a.id AND outcome IS NULL)",
    ),
    (
        "one time offered to two",
        "SELECT count(*) FROM waitlist_offer one JOIN waitlist_offer other
             ON one.provider_id = other.provider_id AND one.id < other.id
            AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
          WHERE one.outcome IS NULL AND other.outcome IS NULL",
    ),
    (
        "offered, and no offer is open or accepted",
        "SELECT count(*) FROM waitlist_entry e WHERE status = 'OFFERED' AND NOT EXISTS
             (SELECT 1 FROM waitlist_offer o WHERE o.entry_id = e.id AND (outcome IS NULL OR outcome = 'ACCEPTED'))",
    ),
    (
        "open, and of nobody who is offered anything",
        "SELECT count(*) FROM waitlist_offer o JOIN waitlist_entry e ON e.id = o.entry_id
          WHERE outcome IS NULL AND status <> 'OFFERED'",
    ),
    (
        "booked, and there is no visit",
        "SELECT count(*) FROM waitlist_entry e WHERE status = 'BOOKED' AND NOT EXISTS
             (SELECT 1 FROM waitlist_offer o JOIN appointment a ON a.id = o.id
               WHERE o.entry_id = e.id AND outcome = 'ACCEPTED' AND a.external_id IS NOT NULL)",
    ),
];

/// Those who wait for a time that nobody has and that they have not turned down. A lapsed row keeps nobody from it.
const FREE: &str = "SELECT count(*) FROM waitlist_entry e WHERE status = 'WAITING'
    AND NOT EXISTS (SELECT 1 FROM appointment a WHERE a.provider_id = e.provider_id
          AND a.status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'HELD') AND a.starts_at = e.earliest)
    AND NOT EXISTS (SELECT 1 FROM refused_time r WHERE r.provider_id = e.provider_id AND r.starts_at = e.earliest)
    AND NOT EXISTS (SELECT 1 FROM waitlist_offer o WHERE o.entry_id = e.id AND outcome IN ('DECLINED', 'LAPSED'))";

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let kills = context.scaled(60, 4);
    let setup = Setup::with(roster::of(PROVIDERS, &ALWAYS)).setting("ANSWER_WITHIN_MS", "1000");
    let mut stage = Stage::open(context, engine, setup).await?;
    let deadlocks = stage.store.deadlocks().await?;
    let rounds =
        Kills { name: "waitlist", count: kills, after: 200..1500, database: Beneath::Nothing };
    let caller = |hand| Caller { hand, entries: Vec::new(), visits: Vec::new() };
    let told = under_kills((context, &stage), rounds, caller).await?;
    let deadlocks = stage.store.deadlocks().await? - deadlocks;
    let (report, truth) = stage.verdict().await?;
    let forgotten = forgotten(&stage).await?;
    let wrong = wrong(&stage).await?;
    if !wrong.is_empty() || told.bugs > 0 || forgotten > 0 {
        stage.keep();
    }
    let offers = stage.store.number("SELECT count(*) FROM waitlist_offer").await?;
    let sabotaged = sabotaged(&stage).await?;
    stage.close().await?;
    let broken = report.total() + wrong.len() + told.bugs + usize::try_from(deadlocks + forgotten)?;
    Ok(vec![
        Row::new("the waitlist under kill -9: none offered to two, lost or forgotten", engine, told.asked)
            .violated(broken)
            .note(format!(
                "{kills} kills, {offers} offers, {} rows, {deadlocks} deadlocks, {forgotten} forgotten, {:?}",
                truth.booked.len(),
                told.answers
            ))
            .note(wrong.join("; "))
            .note(report.to_string()),
        Row::new("sabotage: a waitlist made to be wrong", engine, sabotaged.len())
            .violated(sabotaged.iter().filter(|(_, is_red)| !is_red).count())
            .note(format!("{sabotaged:?}")),
    ])
}

/// How many wait for a time that stays free, though every server has had its time to look.
pub(super) async fn forgotten(stage: &Stage) -> Result<i64, Trouble> {
    let since = Instant::now();
    loop {
        let waiting = stage.store.number(FREE).await?;
        if waiting == 0 || since.elapsed() > PATIENCE {
            return Ok(waiting);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

pub(super) async fn wrong(stage: &Stage) -> Result<Vec<String>, Trouble> {
    let mut found = Vec::new();
    for (what, sql) in WRONG {
        let count = stage.store.number(sql).await?;
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    }
    Ok(found)
}

/// Each kind of it made by hand, and whether it was found.
async fn sabotaged(stage: &Stage) -> Result<Vec<(&'static str, bool)>, Trouble> {
    let mut seen = Vec::new();
    let lone =
        "DELETE FROM appointment WHERE status = 'HELD' AND id IN (SELECT id FROM waitlist_offer)";
    for (what, sql) in [
        (
            "offers that are closed, and their times held",
            "UPDATE waitlist_offer SET outcome = 'LAPSED' WHERE outcome IS NULL",
        ),
        (
            "an entry that says it is offered something",
            "UPDATE waitlist_entry SET status = 'OFFERED' WHERE status = 'LEFT'",
        ),
        (
            "visits that are not there",
            "UPDATE waitlist_entry SET status = 'BOOKED' WHERE status = 'OFFERED'",
        ),
        ("offers that nothing is held for", lone),
    ] {
        let before = (wrong(stage).await?, stage.store.number(FREE).await?);
        let changed = stage.store.execute(sql).await?;
        let after = (wrong(stage).await?, stage.store.number(FREE).await?);
        seen.push((what, changed > 0 && after != before));
    }
    Ok(seen)
}

struct Caller {
    hand: Hand,
    entries: Vec<String>,
    visits: Vec<String>,
}

/// The id of what was made, unless it was refused.
fn made(payload: Option<Value>) -> Option<String> {
    let payload = payload.filter(|payload| payload["error"].is_null())?;
    let made = [&payload["entry"]["id"], &payload["appointment"]["id"]];
    made.into_iter().find_map(|id| id.as_str().map(str::to_owned))
}

impl Acting for Caller {
    async fn act(&mut self, number: usize, told: &mut Told) {
        match (self.hand.rng.random_range(0..10), self.entries.is_empty(), self.visits.is_empty()) {
            (0..=1, _, _) => {
                let mut input = self.wish(number);
                input["startsAt"] = json!(self.start());
                let booked = self.hand.ask(BOOK, input).await;
                self.visits.extend(made(told.note("book", booked)));
            }
            (2..=4, _, false) => {
                let id = self.visits.swap_remove(self.hand.rng.random_range(0..self.visits.len()));
                let cancelled = self.hand.ask(CANCEL, json!({ "id": id })).await;
                told.note("cancel", cancelled);
            }
            (5..=6, false, _) => {
                let id = json!({ "id": self.entry() });
                let taken = self.hand.ask(ACCEPT, id).await;
                self.visits.extend(made(told.note("accept", taken)));
            }
            (7, false, _) => {
                let id = json!({ "id": self.entry() });
                let declined = self.hand.ask(DECLINE, id).await;
                told.note("decline", declined);
            }
            (8, false, _) => {
                let place = self.hand.rng.random_range(0..self.entries.len());
                let id = json!({ "id": self.entries.swap_remove(place) });
                let left = self.hand.ask(LEAVE, id).await;
                told.note("leave", left);
            }
            _ => {
                let (mut input, start) = (self.wish(number), self.start());
                input["earliest"] = json!(start);
                input["latest"] = json!(start);
                let joined = self.hand.ask(JOIN, input).await;
                self.entries.extend(made(told.note("join", joined)));
            }
        }
    }
}

impl Caller {
    fn wish(&mut self, number: usize) -> Value {
        let who = format!("{}-{number}", self.hand.who);
        json!({
            "patient": { "name": who, "email": format!("{who}@example.com"), "state": STATE, "insurance": INSURANCE },
            "providerId": self.hand.provider(), "idempotencyKey": who,
        })
    }

    /// In the middle of the patient's day.
    fn start(&mut self) -> String {
        let start = midnight_in(3) + DAY * 3 / 4 + self.hand.rng.random_range(0..TIMES) * 1800;
        jiff::Timestamp::from_second(start).map(|at| at.to_string()).unwrap_or_default()
    }

    fn entry(&mut self) -> String {
        self.entries[self.hand.rng.random_range(0..self.entries.len())].clone()
    }
}
