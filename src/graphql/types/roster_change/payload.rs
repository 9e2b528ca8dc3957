//! What the mutations of the roster answer.

use std::sync::Arc;

use async_graphql::Object;

use crate::domain::{ClinicRules, ClosedDay, Payer, Provider, VisitType};
use crate::graphql::error::ApiError;
use crate::graphql::types::appointment::AppointmentObject;
use crate::graphql::types::booking_error::BookingErrorObject;
use crate::graphql::types::days::ClosedDayObject;
use crate::graphql::types::insurance::InsuranceObject;
use crate::graphql::types::provider::ProviderObject;
use crate::graphql::types::rules::ClinicRulesObject;
use crate::graphql::types::visit_type::VisitTypeObject;
use crate::request::{ErrorCode, Refusal};
use crate::roster::edit::Edited;

/// What was refused as data, unless it is a bug, which no client can plan for.
fn refused(error: Refusal) -> Result<BookingErrorObject, ApiError> {
    if error.code() == ErrorCode::Internal {
        return Err(error.into());
    }
    if let Refusal::Store(cause) = &error {
        tracing::error!(%cause, "A mutation could not be carried out");
    }
    Ok(error.into())
}

/// Makes the type of a payload: `$value` under the name of the method `$field`.
macro_rules! payload {
    ($name:ident $text:literal, $of:literal, $value:ty, $field:ident: $object:ident, $what:literal) => {
        #[doc = concat!("What `", $of, "` answers.")]
        pub(in crate::graphql) struct $name {
            value: Option<$value>,
            affected: Vec<AppointmentObject>,
            error: Option<BookingErrorObject>,
        }

        #[doc = concat!("What `", $of, "` answers.")]
        #[Object(name = $text)]
        impl $name {
            #[doc = $what]
            async fn $field(&self) -> Option<$object> {
                self.value.clone().map($object)
            }

            /// The visits to come that fit no more what is so now, or would be. They stay booked: move,
            /// reassign or cancel them. Empty where the edit takes nothing away.
            async fn affected_appointments(&self) -> &[AppointmentObject] {
                &self.affected
            }

            /// Why it was not done, or null when it was.
            async fn error(&self) -> Option<&BookingErrorObject> {
                self.error.as_ref()
            }
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<Edited<impl Into<Option<$value>>>, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(Edited { value, affected, .. }) => {
                        let affected = affected.into_iter().map(AppointmentObject).collect();
                        Ok(Self { value: value.into(), affected, error: None })
                    }
                    Err(error) => {
                        let error = Some(refused(error)?);
                        Ok(Self { value: None, affected: Vec::new(), error })
                    }
                }
            }
        }
    };
}

macro_rules! provider_payload {
    ($name:ident $text:literal, $of:literal) => {
        payload!(
            $name $text, $of, Arc<Provider>, provider: ProviderObject,
            "The provider as they are now, or with `dryRun` as they would be."
        );
    };
}

provider_payload!(CreateProviderPayload "CreateProviderPayload", "createProvider");
provider_payload!(UpdateProviderPayload "UpdateProviderPayload", "updateProvider");
provider_payload!(SetLicencesPayload "SetLicencesPayload", "setLicences");
provider_payload!(SetInsurancesPayload "SetInsurancesPayload", "setInsurances");
provider_payload!(SetWorkingHoursPayload "SetWorkingHoursPayload", "setWorkingHours");
provider_payload!(
    SetProviderVisitTypesPayload "SetProviderVisitTypesPayload", "setProviderVisitTypes"
);
provider_payload!(SetRulesPayload "SetRulesPayload", "setRules");
provider_payload!(SetDateOverridePayload "SetDateOverridePayload", "setDateOverride");
provider_payload!(AddTimeOffPayload "AddTimeOffPayload", "addTimeOff");
provider_payload!(RemoveTimeOffPayload "RemoveTimeOffPayload", "removeTimeOff");

payload!(
    SetClinicRulesPayload "SetClinicRulesPayload", "setClinicRules",
    ClinicRules, clinic_rules: ClinicRulesObject,
    "The clinic's rules as they are now, or with `dryRun` as they would be."
);
payload!(
    CreateVisitTypePayload "CreateVisitTypePayload", "createVisitType",
    Arc<VisitType>, visit_type: VisitTypeObject,
    "The kind of visit."
);
payload!(
    UpdateVisitTypePayload "UpdateVisitTypePayload", "updateVisitType",
    Arc<VisitType>, visit_type: VisitTypeObject,
    "The kind of visit as it is now, or with `dryRun` as it would be."
);
payload!(
    CreateInsurancePayload "CreateInsurancePayload", "createInsurance",
    Arc<Payer>, insurance: InsuranceObject,
    "The insurance."
);
payload!(
    UpdateInsurancePayload "UpdateInsurancePayload", "updateInsurance",
    Arc<Payer>, insurance: InsuranceObject,
    "The insurance as it is now, or with `dryRun` as it would be."
);
payload!(
    SetClosedDayPayload "SetClosedDayPayload", "setClosedDay",
    ClosedDay, closed_day: ClosedDayObject,
    "The day."
);
payload!(
    RemoveClosedDayPayload "RemoveClosedDayPayload", "removeClosedDay",
    ClosedDay, closed_day: ClosedDayObject,
    "The day as it was; null when the clinic was not closed on it."
);
