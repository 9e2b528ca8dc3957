//! What a book costs whose near future is full: the first free time of the few who are always at work, at
//! the start and after so many bookings with them that their next days have none.

use hyper::Method;
use serde_json::json;

use crate::drive::{self, Connection, Sample, Worker};
use crate::facts::FEW;
use crate::scenarios::{Asked, patient};
use crate::stage::Stage;
use crate::table::{Note, Row};
use crate::{Options, Trouble};

/// So many bookings lie between the two: six days and a half of all the few.
const BOOKINGS: u64 = 20_000;

/// Books through REST, without a time and without a provider.
struct Booker(Connection);

impl Worker for Booker {
    async fn work(&mut self, number: u64) -> Result<(), Trouble> {
        let asked = Asked {
            method: Method::POST,
            path: "/appointment".to_owned(),
            body: json!({ "patient": patient(number, FEW) }).to_string().into(),
            holds: "\"scheduled\":true",
        };
        self.0.send(asked).await.map(drop)
    }
}

/// Bookings at the start, and after the many.
pub(crate) async fn measure(options: &Options, stage: &Stage) -> Result<([Row; 2], Note), Trouble> {
    let mut booking = Vec::with_capacity(options.connections);
    for _connection in 0..options.connections {
        booking.push(Booker(Connection::open(stage.port()).await?));
    }
    let (mut booked, mut failed) = (0, Sample::new());
    let mut at_the_start = Vec::new();
    for _round in 0..options.rounds {
        let (back, sample) = drive::closed(booking, &stage.facts, options.turn()).await?;
        booking = back;
        booked += sample.latencies.len();
        at_the_start.push(sample);
    }
    while booked < BOOKINGS {
        let (back, sample) = drive::closed(booking, &stage.facts, options.turn()).await?;
        booking = back;
        booked += sample.latencies.len().max(1);
        failed.errors += sample.errors;
    }
    let mut crowded = Vec::new();
    for _round in 0..options.rounds {
        let (back, sample) = drive::closed(booking, &stage.facts, options.turn()).await?;
        booking = back;
        crowded.push(sample);
    }
    let rows = [
        Row::new(stage, "crowded: bookings at the start", &at_the_start, &[]),
        Row::new(stage, "crowded: bookings after 20,000", &crowded, &[]),
    ];
    let ratio = rows[1].per_second / rows[0].per_second.max(0.001);
    let value =
        format!("{ratio:.2} of the throughput at the start, {} errors between", failed.errors);
    let note = Note::new(stage, "crowded: after 20,000 bookings", value);
    Ok((rows, note))
}
