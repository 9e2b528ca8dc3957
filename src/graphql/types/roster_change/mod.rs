//! What the mutations of the roster take and answer.

mod items;
mod of_clinic;
mod of_provider;
mod payload;

pub(in crate::graphql) use of_clinic::{
    CreateInsuranceInput, CreateVisitTypeInput, RemoveClosedDayInput, SetClinicRulesInput,
    SetClosedDayInput, UpdateInsuranceInput, UpdateVisitTypeInput,
};
pub(in crate::graphql) use of_provider::{
    AddTimeOffInput, CreateProviderInput, RemoveTimeOffInput, SetDateOverrideInput,
    SetInsurancesInput, SetLicencesInput, SetProviderVisitTypesInput, SetRulesInput,
    SetWorkingHoursInput, UpdateProviderInput,
};
pub(in crate::graphql) use payload::{
    AddTimeOffPayload, CreateInsurancePayload, CreateProviderPayload, CreateVisitTypePayload,
    RemoveClosedDayPayload, RemoveTimeOffPayload, SetClinicRulesPayload, SetClosedDayPayload,
    SetDateOverridePayload, SetInsurancesPayload, SetLicencesPayload, SetProviderVisitTypesPayload,
    SetRulesPayload, SetWorkingHoursPayload, UpdateInsurancePayload, UpdateProviderPayload,
    UpdateVisitTypePayload,
};

use crate::graphql::notes::Notes;
use crate::request::ExpectedVersion;
use crate::roster::edit::RawTerms;

/// What every edit comes with.
fn terms(notes: &Notes, expected: Option<i32>, key: Option<String>, dry_run: bool) -> RawTerms {
    RawTerms {
        expected: ExpectedVersion::of_field(expected.map(i64::from)),
        idempotency_key: notes.key(key),
        dry_run,
    }
}
