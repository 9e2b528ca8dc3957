//! What a preview promises is kept: with rules, buffers and limits drawn at random, every visit that it calls bookable
//! is booked, one after the other, every other is refused for its first reason, and every alternative is booked.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;
use crate::support::on_both_engines;

const RULES: [&str; 8] = [
    "FREQ=WEEKLY;COUNT=8",
    "FREQ=DAILY;COUNT=9",
    "FREQ=DAILY;INTERVAL=2;COUNT=7",
    "FREQ=WEEKLY;BYDAY=MO,WE,TH;COUNT=9",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=5",
    "FREQ=MONTHLY;BYDAY=2MO,-1MO,3MO;COUNT=6",
    "FREQ=MONTHLY;BYMONTHDAY=18,19,20,-1;COUNT=8",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270129",
];

struct Drawn(StdRng);

impl Drawn {
    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.0.random_range(0..all.len())].clone()
    }

    /// On a grid of five minutes, from half past eight to five in New York.
    fn time(&mut self, day: u32) -> String {
        let minute = 13 * 60 + 30 + 5 * self.0.random_range(0..103);
        format!("2027-01-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60)
    }
}

on_both_engines! {
    async fn all_that_is_bookable_can_be_booked_one_after_the_other(engine) {
        let (app, jane) = jane(engine).await;
        let other = json!({ "name": "Intake", "durationMinutes": 45, "bufferBeforeMinutes": 15, "bufferAfterMinutes": 25 });
        let kind = make(&app, "createVisitType", "visitType { id }", other).await["visitType"]["id"].clone();
        let mut drawn = Drawn(StdRng::seed_from_u64(18));
        let (mut bookable, mut refused, mut alternatives, mut among) = (0, 0, 0, 0);
        for number in 0..12 {
            let rules = json!({
                "horizonDays": drawn.one_of(&[12, 40, 200]), "gridMinutes": drawn.one_of(&[10, 15, 60]),
                "bufferBeforeMinutes": drawn.one_of(&[0, 0, 10]), "bufferAfterMinutes": drawn.one_of(&[0, 0, 20]),
                "maxAppointmentsPerDay": drawn.one_of(&[2, 3, 100]),
            });
            set_rules(&app, &jane, rules).await;
            let of = |at: usize| patient(100 + at, "CT", "Aetna");
            let mut input = json!({ "patient": of(number), "providerId": jane });
            if number % 3 == 2 {
                let times: std::collections::BTreeSet<String> = (0..8).map(|at| drawn.time(18 + at % 4)).collect();
                input["times"] = json!(times);
            } else {
                input["startsAt"] = json!(drawn.time(18));
                input["rule"] = json!(drawn.one_of(&RULES));
            }
            input["durationMinutes"] = drawn.one_of(&[json!(null), json!(20), json!(90)]);
            input["visitTypeId"] = drawn.one_of(&[Value::Null, kind.clone()]);
            let found = occurrences(&app, input.clone()).await;
            let booking = |time: &Value| {
                let mut booking = input.clone();
                for name in ["times", "rule"] {
                    booking.as_object_mut().unwrap().remove(name);
                }
                booking["startsAt"] = time.clone();
                booking
            };
            for one in &found {
                let refusal = book_it(&app, booking(&one["startsAt"])).await;
                assert_eq!(refusal.as_deref(), codes(one).first().copied(), "{input} {one}");
                let own = one["reasons"].to_string().contains("of this series");
                among += usize::from(own);
                if one["bookable"] == json!(true) { bookable += 1 } else { refused += 1 }
            }
            for one in found.iter().filter(|one| !one["alternative"].is_null()) {
                let refusal = book_it(&app, booking(&one["alternative"]["startsAt"])).await;
                assert_eq!(refusal, None, "{input} {one}");
                alternatives += 1;
            }
        }
        let drawn = (bookable, refused, alternatives, among);
        assert!(bookable > 20 && refused > 15 && alternatives > 10 && among > 0, "{drawn:?}");
    }
}
