//! Who is to be seen: the patient who is meant, one who is made, or what is new about them.

use jiff::Timestamp;

use super::Booking;
use super::command::WhoIsSeen;
use super::plan::BookingPlan;
use crate::db::{StoreError, Tx, locks, open_visits, patients, waitlist};
use crate::domain::{Patient, PatientId, ProviderId};
use crate::request::{Refusal, Resource};

impl Booking {
    /// The patient who is meant, if known.
    pub(super) async fn who_is_meant(&self, who: &WhoIsSeen) -> Result<Option<Patient>, Refusal> {
        let read = self.db().read();
        match who {
            WhoIsSeen::Described(details) => Ok(patients::same(read, details).await?),
            WhoIsSeen::Known(id) => {
                let known = patients::find(read, *id).await?;
                Ok(Some(known.ok_or(Refusal::NotFound(Resource::Patient))?))
            }
        }
    }

    /// The patient of the visit: as `known`, if nothing about them is new, else made or brought up to
    /// date; and whether they are made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Dangling`] for one who was known and is not there any more: merged into another.
    pub(super) async fn patient_of(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        known: Option<&Patient>,
        now: Timestamp,
    ) -> Result<(Patient, bool), StoreError> {
        let (state, payer) = (visit.patient.state, visit.patient.payer);
        let details = match &visit.command.patient {
            WhoIsSeen::Described(details) => Some(details),
            WhoIsSeen::Known(_) => None,
        };
        let known = match (known, details) {
            (Some(known), _) => known.clone(),
            (None, None) => return Err(gone()),
            (None, Some(details)) => {
                // Of two who are the first to book for somebody, one makes the patient.
                locks::address(tx, details.email.as_str()).await?;
                let new = Patient::new(details, state, payer, now);
                if patients::insert_if_new(tx, &new).await? {
                    return Ok((new, true));
                }
                match patients::same(tx, details).await? {
                    Some(known) => known,
                    None => {
                        patients::insert_beside(tx, &new).await?;
                        return Ok((new, true));
                    }
                }
            }
        };
        if let Some(own) = visit.own
            && patients::find_of(tx, known.id, Some(own)).await?.is_none()
        {
            // Whoever may not correct them corrects nothing by a booking, which may be refused yet.
            return Ok((known, false));
        }
        let after = known.booked_again(details, state, payer);
        if after == known || patients::replace(tx, &known, &after, now).await? {
            return Ok((after, false));
        }
        // Changed since it was looked up; from now on nobody else changes it.
        let known = patients::find_to_change(tx, known.id).await?.ok_or_else(gone)?;
        let after = known.booked_again(details, state, payer);
        if after != known {
            patients::replace(tx, &known, &after, now).await?;
        }
        Ok((after, false))
    }

    /// Has those looked at again who wait for a patient and live by another clock since they were `known`. Last in
    /// the transaction of whoever takes a provider's lock: the changes of the waitlist are one after the other.
    pub(super) async fn note_clock(
        tx: &Tx,
        known: Option<&Patient>,
        now: &Patient,
    ) -> Result<(), StoreError> {
        match known {
            Some(known) if known.time_zone != now.time_zone => {
                waitlist::move_entries(tx, now.id, now.id).await
            }
            _ => Ok(()),
        }
    }

    /// Whether the patient, whose lock `tx` has, may have one visit more. Which of theirs is over next is not
    /// told of one with somebody else than `own`, if that is given.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyOpenVisits`].
    pub(super) async fn may_have_one_more(
        &self,
        tx: &Tx,
        patient: PatientId,
        own: Option<ProviderId>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let open = open_visits::count(tx, patient, own, now).await?;
        let most = self.parts.rules.most_open_visits;
        if open.count < most {
            return Ok(());
        }
        let one_ends_at = open.next_ends_at;
        let ends_within = one_ends_at.map(|end| end.duration_since(now).unsigned_abs());
        Err(Refusal::TooManyOpenVisits { most, one_ends_at, ends_within })
    }
}

fn gone() -> StoreError {
    StoreError::Dangling("the patient".to_owned())
}
