//! A long trail, and how long it takes to show that it is whole.

use std::sync::Arc;
use std::time::Instant;

use clinic::access::Actor;
use clinic::audit::{Answered, AuditKey, AuditReads, Keys, Trail, Verification, keep};
use clinic::db::{Db, migrations};
use clinic::domain::{AppointmentId, PatientId, SystemClock};
use tokio::sync::watch;
use uuid::Uuid;

use crate::database::Engine;
use crate::{Options, Trouble, store};

/// How many rows wait at once to be written.
const AT_ONCE: usize = 5000;
/// Whose data, of how many patients and visits.
const PATIENTS: usize = 20_000;
const VISITS: usize = 100_000;

pub(crate) async fn run(options: &Options, engine: Engine) -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let store = store(engine, folder.path()).await?;
    let db = Db::connect(&store.url, 8).await?;
    migrations::up(&db).await?;
    let key = || AuditKey::of("0123456789abcdef0123456789abcdef");
    let trail = Trail::new(db.clone(), Arc::new(SystemClock), key()?, AuditReads::Strict);
    let trail = Arc::new(trail);
    let (stop, stopped) = watch::channel(false);
    let keeper = tokio::spawn(keep(Arc::clone(&trail), stopped));
    let began = Instant::now();
    for first in (0..options.rows).step_by(AT_ONCE) {
        write(&trail, first..options.rows.min(first + AT_ONCE)).await?;
    }
    println!("{} | {} rows written in {:.1?}", engine.name(), options.rows, began.elapsed());
    stop.send_replace(true);
    keeper.await?;
    println!("{} | and sealed in {:.1?}", engine.name(), began.elapsed());
    let keys = Keys::new(key()?, Vec::new())?;
    for _time in 0..3 {
        let began = Instant::now();
        let found = Verification::of(&db, &keys, None).await?;
        let took = began.elapsed();
        let (sealed, wrong) = (found.sealed, found.found);
        let each = took / u32::try_from(sealed.max(1))?;
        println!(
            "{} | {sealed} rows verified in {took:.1?}, {each:?} each; {wrong} findings",
            engine.name()
        );
        for finding in found.findings {
            println!("     {finding}");
        }
    }
    db.close().await;
    Ok(())
}

/// Rows of a clinic's day: mostly of one patient, now and then a page of them.
async fn write(trail: &Trail, numbers: std::ops::Range<usize>) -> Result<(), Trouble> {
    let mut receipts = Vec::new();
    for number in numbers {
        let actor = Actor::anonymous().asking(Some("192.0.2.7".parse()?), Some("a-request-0123"));
        let shown = if number % 100 == 0 { 20 } else { 1 };
        let of = |count: usize, step: usize| (number * 7919 + step * 31) % count;
        let id = |kind: usize, which: usize| Uuid::from_u128((kind << 60 | which) as u128);
        actor.saw_patients((0..shown).map(|step| PatientId::from(id(1, of(PATIENTS, step)))));
        actor.saw_appointments((0..shown).map(|step| AppointmentId::from(id(2, of(VISITS, step)))));
        let asked = || Answered {
            operation: "query appointments (Day)".to_owned(),
            fields: "Appointment.patient Patient.email Patient.name".to_owned(),
        };
        receipts.push(trail.answering(&actor, asked)?);
    }
    for receipt in receipts {
        trail.written(receipt).await?;
    }
    Ok(())
}
