//! What the commands of people and tokens share: the use cases over the database, as whoever sits at
//! the machine.

use std::sync::Arc;

use super::audit::trail_of;
use super::terminal::Failure;
use crate::access::Role;
use crate::config::Config;
use crate::db::Db;
use crate::domain::{Clock, SystemClock};
use crate::people::People;
use crate::request::{Field, Refusal};
use crate::roster::Roster;

/// Runs `work` over the people of a database.
pub(super) async fn with_people<Work>(
    config: &Config,
    db: Db,
    work: impl FnOnce(People) -> Work,
) -> Result<(), Failure>
where
    Work: Future<Output = Result<(), Failure>>,
{
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let done = async {
        let roster = Arc::new(Roster::new(db.clone(), None, config.clinic_rules));
        let trail = trail_of(config, &db).await?;
        let sessions = config.session_rules;
        work(People::new(db.clone(), db.clock(clock), roster, sessions, trail)).await
    };
    let done = done.await;
    db.close().await;
    done
}

/// A role as it is typed, in upper or lower case.
pub(super) fn role(text: &str) -> Result<Role, String> {
    text.to_ascii_uppercase()
        .parse()
        .map_err(|unknown: crate::access::UnknownRole| unknown.to_string())
}

/// A refusal in words for the person at the terminal.
pub(super) fn refused(refusal: Refusal) -> Failure {
    if let Refusal::Store(error) = refusal {
        return error.into();
    }
    let spell = |field: &Field| match field {
        Field::ProviderId => "--provider".to_owned(),
        Field::Other(name) => format!("--{}", if name == "expiresAt" { "expires" } else { name }),
        _ => "an argument".to_owned(),
    };
    refusal.message(spell).into()
}
