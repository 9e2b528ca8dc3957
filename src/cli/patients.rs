//! `clinic patients`.

use std::sync::Arc;

use clap::Subcommand;

use super::database::set_up;
use super::terminal::{Failure, say};
use crate::access::Actor;
use crate::audit::Answered;
use crate::config::Config;
use crate::db::Db;
use crate::domain::{Clock, SystemClock};
use crate::patients::Patients;
use crate::roster::Roster;

/// What to do with the patients.
#[derive(Subcommand)]
pub(super) enum Action {
    /// List patients who look like one person, group by group, by their ids
    Duplicates {
        /// Say their names too
        #[arg(long)]
        names: bool,
    },
}

/// Looks at the patients.
pub(super) async fn run(config: &Config, action: Action) -> Result<(), Failure> {
    let Action::Duplicates { names } = action;
    let db = set_up(config).await?;
    let found = duplicates(config, &db, names).await;
    db.close().await;
    found
}

async fn duplicates(config: &Config, db: &Db, names: bool) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let trail = super::audit::trail_of(config, db).await?;
    let roster = Arc::new(Roster::new(db.clone(), None, config.clinic_rules));
    let patients = Patients::new(db.clone(), clock, roster, Arc::clone(&trail));
    let actor = Actor::operator();
    let doubles = patients.duplicates(&actor).await?;
    let fields = if names { "Patient.id Patient.name" } else { "Patient.id" }.to_owned();
    let asked = || Answered { operation: "clinic patients duplicates".to_owned(), fields };
    trail.answered(&actor, asked).await?;
    let (mut groups, mut last) = (0, None);
    for double in &doubles {
        if last != Some((double.agrees, &double.group)) {
            last = Some((double.agrees, &double.group));
            groups += 1;
            say(&format!("Same {}:", double.agrees));
        }
        let name = if names { format!("  {}", double.name) } else { String::new() };
        say(&format!(
            "  {}  since {}  {} appointments{name}",
            double.id, double.created_at, double.appointments
        ));
    }
    say(&format!("{groups} groups; the mutation mergePatients makes one patient of two"));
    Ok(())
}
