//! What is known of what a mail is about.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;

use crate::db::engine::StoreError;
use crate::db::{appointments, patients, waitlist};
use crate::domain::{AppointmentId, Mail, MailFacts, MailSubject, WaitlistEntry, WaitlistEntryId};

/// What is known of what a mail is about.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn about(
    conn: &impl ConnectionTrait,
    subject: MailSubject,
) -> Result<MailFacts, StoreError> {
    found(&about_many(conn, &[subject]).await?, subject)
}

/// What is known of what each of several mails is about, in the same order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn about_each(
    conn: &impl ConnectionTrait,
    mails: &[Mail],
) -> Result<Vec<MailFacts>, StoreError> {
    let subjects: Vec<_> = mails.iter().map(|mail| mail.subject).collect();
    let about = about_many(conn, &subjects).await?;
    subjects.into_iter().map(|subject| found(&about, subject)).collect()
}

fn found(
    about: &HashMap<MailSubject, MailFacts>,
    subject: MailSubject,
) -> Result<MailFacts, StoreError> {
    about.get(&subject).cloned().ok_or_else(|| StoreError::unreadable("subject of a mail"))
}

/// What is known of what each of several is about.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn about_many(
    conn: &impl ConnectionTrait,
    subjects: &[MailSubject],
) -> Result<HashMap<MailSubject, MailFacts>, StoreError> {
    let visits: Vec<AppointmentId> = subjects.iter().filter_map(MailSubject::visit).collect();
    let entries: Vec<WaitlistEntryId> = subjects.iter().filter_map(MailSubject::entry).collect();
    let visits = appointments::find_many(conn, &visits).await?;
    let visits: HashMap<_, _> = visits.into_iter().map(|visit| (visit.id, visit)).collect();
    let entries = waitlist::find_many(conn, &entries).await?;
    let entries: HashMap<_, _> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
    let theirs = visits.values().map(|visit| visit.patient_id);
    let ids: Vec<_> = theirs.chain(entries.values().map(|entry| entry.patient_id)).collect();
    let patients = patients::find_many(conn, &ids).await?;
    let one = |subject: MailSubject| {
        let (visit, entry) = (
            subject.visit().and_then(|id| visits.get(&id)),
            subject.entry().and_then(|id| entries.get(&id)),
        );
        let patient_id = visit.map(|visit| visit.patient_id);
        let patient = patients.get(&patient_id.or(entry.map(|entry| entry.patient_id))?)?.clone();
        let state = visit.map(|visit| visit.state).or(entry.map(|entry| entry.state))?;
        let offer = entry.and_then(WaitlistEntry::open_offer);
        let open_offer = offer.filter(|offer| Some(offer.id) == subject.offer()).cloned();
        Some((subject, MailFacts { patient, state, visit: visit.cloned(), open_offer }))
    };
    Ok(subjects.iter().copied().filter_map(one).collect())
}
