//! With every rule drawn at random: whatever is offered is booked when it is asked for, and whatever is refused
//! is refused for the first reason that `explainTime` gives. A move and a reassignment agree as well.

mod drawn;

use serde_json::{Value, json};

use self::drawn::{Drawn, Question};
use crate::support::{Engine, RosterBuilder, TestApp, on_both_engines, provider};

/// How many clinics are drawn, and how much is asked of each.
const IN_THE_SUITE: (usize, usize) = (3, 20);
const IN_THE_LONG_RUN: (usize, usize) = (250, 40);

const EXPLAIN: &str =
    "query ($providerId: ID!, $startsAt: DateTime!, $durationMinutes: Int, $visitTypeId: ID,
        $patientId: ID, $state: String, $insurance: String, $insteadOf: ID) {
    explainTime(providerId: $providerId, startsAt: $startsAt, durationMinutes: $durationMinutes,
        visitTypeId: $visitTypeId, patientId: $patientId, state: $state, insurance: $insurance,
        insteadOf: $insteadOf) { bookable offered reasons { code message } } }";
const BOOK: &str =
    "mutation ($input: BookAppointmentInput!) { done: bookAppointment(input: $input) {
    appointment { id startsAt patient { id } provider { id } } error { code message } } }";
const MOVE: &str =
    "mutation ($input: RescheduleAppointmentInput!) { done: rescheduleAppointment(input: $input) {
    appointment { id startsAt patient { id } provider { id } } error { code message } } }";
const REASSIGN: &str =
    "mutation ($input: ReassignAppointmentInput!) { done: reassignAppointment(input: $input) {
    appointment { id startsAt patient { id } provider { id } } error { code message } } }";
const OFFERS: &str =
    "query ($providerId: ID, $from: DateTime!, $to: DateTime!, $durationMinutes: Int,
        $visitTypeId: ID, $state: String, $insurance: String, $insteadOf: ID) {
    availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: $durationMinutes,
        visitTypeId: $visitTypeId, state: $state, insurance: $insurance, insteadOf: $insteadOf) {
        startsAt provider { id } }
    firstAvailable(providerId: $providerId, after: $from, durationMinutes: $durationMinutes,
        visitTypeId: $visitTypeId, state: $state, insurance: $insurance, insteadOf: $insteadOf) {
        startsAt provider { id } } }";

on_both_engines! {
    async fn what_is_offered_is_booked_and_what_is_refused_is_explained(engine) {
        hold_for(engine, 14, IN_THE_SUITE).await;
    }
}

on_both_engines! {
    #[ignore = "takes minutes: just nightly"]
    async fn thousands_of_drawn_times_are_booked_or_explained(engine) {
        hold_for(engine, 20_270_114, IN_THE_LONG_RUN).await;
    }
}

/// What came of it all: a run in which nothing was booked, or nothing refused, shows nothing.
#[derive(Debug, Default)]
struct Tally {
    offers: usize,
    booked: usize,
    refused: usize,
    moved: usize,
    kept: usize,
}

async fn hold_for(engine: Engine, seed: u64, (clinics, questions): (usize, usize)) {
    let roster = RosterBuilder::default().with(provider("Nobody").licensed("AK").takes("Humana"));
    let app = TestApp::builder(engine).roster(roster).spawn().await;
    let (mut drawn, mut tally) = (Drawn::of(seed), Tally::default());
    for number in 0..clinics {
        drawn.clinic(&app, number).await;
        for _ in 0..questions {
            match drawn.number(0..5) {
                0 | 1 => an_offer_is_booked(&app, &mut drawn, &mut tally).await,
                2 => a_move_agrees(&app, &mut drawn, &mut tally).await,
                _ => a_time_is_booked_or_explained(&app, &mut drawn, &mut tally).await,
            }
        }
        app.clock.advance(jiff::SignedDuration::from_hours(drawn.number(1..200)));
    }
    let Tally { offers, booked, refused, moved, kept } = tally;
    let least = offers.min(booked).min(refused).min(moved).min(kept);
    assert!(least > clinics / 4, "{tally:?}");
}

async fn explained(app: &TestApp, question: &Value) -> (Option<String>, bool, Value) {
    let answer = app.graphql(EXPLAIN, question.clone()).await;
    assert_eq!(answer["errors"], Value::Null, "{question} {answer}");
    let told = answer["data"]["explainTime"].clone();
    let first = told["reasons"][0]["code"].as_str().map(str::to_owned);
    assert_eq!(told["bookable"], first.is_none(), "{told}");
    (first, told["offered"].as_bool().unwrap(), told)
}

/// What a change answers: the code that it was refused with, if it was.
async fn done(
    app: &TestApp,
    drawn: &mut Drawn,
    mutation: &str,
    input: &Value,
) -> (Option<String>, Value) {
    let answer = app.graphql(mutation, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{input} {answer}");
    let payload = answer["data"]["done"].clone();
    let code = payload["error"]["code"].as_str().map(str::to_owned);
    if code.is_none() {
        drawn.keep(&payload["appointment"]);
    }
    (code, payload)
}

async fn a_time_is_booked_or_explained(app: &TestApp, drawn: &mut Drawn, tally: &mut Tally) {
    let Question { asked, booking } = drawn.question(app);
    let (first, _, told) = explained(app, &asked).await;
    let (code, payload) = done(app, drawn, BOOK, &booking).await;
    assert_eq!(first, code, "{asked}\n{booking}\n{told}\n{payload}\n{drawn:?}");
    *(if code.is_none() { &mut tally.booked } else { &mut tally.refused }) += 1;
}

async fn an_offer_is_booked(app: &TestApp, drawn: &mut Drawn, tally: &mut Tally) {
    let (offers_asked, booking) = drawn.search(app);
    let answer = app.graphql(OFFERS, offers_asked.clone()).await;
    // Nobody may fit.
    let mut offers = answer["data"]["availableSlots"].as_array().cloned().unwrap_or_default();
    offers.extend(Some(answer["data"]["firstAvailable"].clone()).filter(|slot| !slot.is_null()));
    let Some(offer) = drawn.one_of(&offers) else { return };
    tally.offers += 1;
    let mut asked = offers_asked.clone();
    for gone in ["from", "to"] {
        asked.as_object_mut().unwrap().remove(gone);
    }
    asked["providerId"] = offer["provider"]["id"].clone();
    asked["startsAt"] = offer["startsAt"].clone();
    let (first, offered, told) = explained(app, &asked).await;
    assert!(first.is_none() && offered, "{asked}\n{told}\n{drawn:?}");
    if offers_asked["insteadOf"].is_null() {
        let mut booking = booking;
        booking["providerId"] = offer["provider"]["id"].clone();
        booking["startsAt"] = offer["startsAt"].clone();
        let (code, payload) = done(app, drawn, BOOK, &booking).await;
        assert_eq!(code, None, "{asked}\n{booking}\n{payload}\n{drawn:?}");
    } else {
        let input = json!({ "id": offers_asked["insteadOf"], "startsAt": offer["startsAt"] });
        let (code, payload) = done(app, drawn, MOVE, &input).await;
        assert_eq!(code, None, "{asked}\n{input}\n{payload}\n{drawn:?}");
    }
}

async fn a_move_agrees(app: &TestApp, drawn: &mut Drawn, tally: &mut Tally) {
    let Some((asked, mutation, input)) = drawn.change(app) else { return };
    let mutation = if mutation == "move" { MOVE } else { REASSIGN };
    let (first, _, told) = explained(app, &asked).await;
    let (code, payload) = done(app, drawn, mutation, &input).await;
    assert_eq!(first, code, "{asked}\n{input}\n{told}\n{payload}\n{drawn:?}");
    *(if code.is_none() { &mut tally.moved } else { &mut tally.kept }) += 1;
}
