//! Reading a feed by its secret.

use std::collections::HashMap;
use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::Feeds;
use super::owner::Reach;
use super::secret::hash_of;
use crate::access::Actor;
use crate::calendar::{CalendarFile, Party, Told, VisitEvent, feed as feed_file};
use crate::db::{Ending, StoreError, Tx, appointments, calendar_feeds};
use crate::domain::{Appointment, CalendarFeed, CalendarFeedId, FeedSpan, Patient, PatientId};
use crate::request::Refusal;

/// More visits no provider has in the span of a feed; were it so, the nearest would be shown.
const MOST_VISITS: u64 = 10_000;

/// A feed as it is read.
pub struct FeedReading {
    /// The file.
    pub file: CalendarFile,
    /// Tells what it says from what it has said at other times, whenever it was written.
    pub tag: String,
    /// Whose it is, asking for it now.
    pub owner: Actor,
    shown: Vec<(PatientId, Appointment)>,
}

impl FeedReading {
    /// It is about to be told: whose data it shows is noted of its owner.
    pub fn is_told(&self) {
        self.owner.saw_patients(self.shown.iter().map(|(patient, _)| *patient));
        self.owner.saw_appointments(self.shown.iter().map(|(_, visit)| visit.id));
    }
}

impl Feeds {
    /// The feed that a secret opens, as its owner may see it now; none where it opens nothing, for whatever reason.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn read(
        &self,
        secret: &str,
        (address, request_id): (IpAddr, Option<&str>),
    ) -> Result<Option<FeedReading>, Refusal> {
        let found = calendar_feeds::by_secret(self.db().read(), &hash_of(secret)).await?;
        let Some(feed) = found else { return Ok(None) };
        let owner = self.owner(feed.owner).await?;
        let Some((reach, actor)) = owner.reach(&feed).zip(owner.actor) else { return Ok(None) };
        let actor = actor.asking(Some(address), request_id);
        let now = self.now();
        if calendar_feeds::reading_is_due(&feed, now) {
            self.note_reading(feed.id).await;
        }
        let span = FeedSpan::at(now);
        let visits =
            appointments::of_calendar(self.db().read(), feed.provider_id, span, MOST_VISITS)
                .await?;
        let patients = if feed.with_patients && reach == Reach::Patients {
            self.parts.records.patients_of_visits(&actor, &visits).await?
        } else {
            HashMap::new()
        };
        let file = self.written(&feed, &visits, &patients).await?;
        let with_patient =
            |visit: Appointment| patients.get(&visit.patient_id).map(|one| (one.id, visit));
        let shown = visits.into_iter().filter_map(with_patient).collect();
        Ok(Some(FeedReading { tag: tag(&file.text), file, owner: actor, shown }))
    }

    async fn written(
        &self,
        feed: &CalendarFeed,
        visits: &[Appointment],
        patients: &HashMap<PatientId, Patient>,
    ) -> Result<CalendarFile, Refusal> {
        let directory = self.parts.roster.directory().await?;
        let provider = directory.provider_of_visit(feed.provider_id);
        let provider = provider.ok_or_else(|| Refusal::missing("provider"))?;
        let events = visits.iter().map(|visit| VisitEvent {
            visit,
            told: patients
                .get(&visit.patient_id)
                .map_or(Told::Nobody, |patient| Told::With(&patient.name)),
            organizer: Party { name: &provider.name, email: &self.parts.organizer },
            attendee: None,
        });
        Ok(feed_file(&provider.name, events, self.now()))
    }

    /// Writes down that it was read. What is read does not hang on it: a database that takes no writes still answers.
    async fn note_reading(&self, id: CalendarFeedId) {
        let now = self.now();
        let work = |tx: Tx| async move {
            calendar_feeds::note_reading(&tx, id, now).await?;
            Ok::<_, StoreError>(Ending::Commit(()))
        };
        if let Err(error) = self.db().transaction("calendar_feed_read", work).await {
            tracing::warn!(%error, "When a calendar was read last could not be written down");
        }
    }
}

/// Of all but when it was written.
fn tag(text: &str) -> String {
    let mut hash = Sha256::new();
    for line in text.split_inclusive('\n').filter(|line| !line.starts_with("DTSTAMP:")) {
        hash.update(line);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
