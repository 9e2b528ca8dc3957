//! A question whose names are known, and what is against the provider treating the patient at all.

use std::sync::Arc;

use jiff::Timestamp;

use super::reason::TimeReason;
use crate::domain::misfit::{Misfit, ToFit};
use crate::domain::{Directory, PatientId, Provider, TimeSlot, VisitShape};
use crate::request::ErrorCode;
use crate::search::candidates::{Candidates, ToTreat};
use crate::search::instead::Instead;
use crate::search::reasons::telling::Unfit;

/// A question whose names are known.
pub(in crate::search) struct Asked<'a> {
    pub(in crate::search) directory: &'a Directory,
    pub(in crate::search) provider: &'a Arc<Provider>,
    pub(in crate::search) shape: VisitShape,
    pub(in crate::search) fits: ToFit,
    pub(in crate::search) starts_at: Timestamp,
    /// The patient who was asked for.
    pub(in crate::search) patient: Option<PatientId>,
    pub(in crate::search) instead: Option<&'a Instead>,
    pub(in crate::search) now: Timestamp,
}

impl Asked<'_> {
    /// Whose other visits count.
    pub(in crate::search) fn patient_to_judge(&self) -> Option<PatientId> {
        self.patient.or_else(|| self.instead.and_then(|instead| instead.patient))
    }

    /// All that is against the provider treating this patient, whenever that day.
    pub(in crate::search) fn against_whom(&self) -> Vec<TimeReason> {
        let provider = self.provider;
        // A time that can't be booked is judged on the nearest day that can.
        let horizon = provider.rules.horizon_ends_at(self.now).max(self.now);
        let on = self.starts_at.clamp(self.now, horizon);
        let misfits = self.fits.misfits(provider, (on, on));
        let mut reasons = Vec::new();
        let ToFit { state, payer, kind } = self.fits;
        let is_refused = misfits.iter().any(|misfit| *misfit != Misfit::VisitTypeNotOffered);
        if is_refused && let Some((state, payer)) = state.zip(payer) {
            // Where nobody else could treat the patient either, that is what booking says first.
            let patient = ToTreat { state, payer, kind: None };
            if let Err(nobody) = Candidates::who_may_treat(self.directory, patient, (on, on)) {
                let name = self.directory.payer_name(payer).unwrap_or_default();
                let message = format!(
                    "No provider is licensed in {} on that day and accepts {name}",
                    state.name()
                );
                reasons.push(TimeReason::plain(nobody.code(), message));
            }
        }
        let unfit = Unfit {
            provider,
            state,
            payer: payer.and_then(|id| self.directory.payer_name(id)),
            kind: kind.and_then(|id| self.directory.visit_type(id)).map(|kind| kind.name.as_str()),
            on: Some(provider.day_of(on)),
        };
        reasons.extend(misfits.into_iter().map(|misfit| self.reason_of(misfit, unfit)));
        reasons
    }

    fn reason_of(&self, misfit: Misfit<'_>, unfit: Unfit<'_>) -> TimeReason {
        let code = match misfit {
            Misfit::VisitTypeNotOffered => ErrorCode::VisitTypeNotOffered,
            _ => ErrorCode::ProviderNotEligible,
        };
        let plain = TimeReason::plain(code, unfit.message(misfit));
        let zone = self.provider.schedule.zone();
        match misfit {
            Misfit::LicenceExpired(licence) => {
                let from = licence.valid_time(zone).map(TimeSlot::ends_at);
                TimeReason { from, ..plain }
            }
            Misfit::LicenceNotYetValid(licence) => {
                let until = licence.valid_time(zone).map(TimeSlot::starts_at);
                TimeReason { until, ..plain }
            }
            _ => plain,
        }
    }
}
