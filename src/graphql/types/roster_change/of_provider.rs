//! What the mutations of a provider take.

use async_graphql::{ID, InputObject};

use super::items::{BookingRulesInput, DayHoursInput, LicenceInput, WorkingHoursInput};
use super::terms;
use crate::domain::ProviderId;
use crate::graphql::notes::Notes;
use crate::graphql::types::date::Date;
use crate::graphql::types::instant::DateTime;
use crate::request::Refusal;
use crate::roster::edit::{
    AddTimeOff, CreateProvider, RawProfile, RawProvider, RemoveTimeOff, SetDateOverride,
    SetInsurances, SetLicences, SetProviderVisitTypes, SetRules, SetWorkingHours, UpdateProvider,
};

/// Somebody who is to work here.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateProviderInput {
    /// The clinic's own key for the provider, as its roster file has it; the provider's id unless given. No
    /// two have the same.
    reference: Option<String>,
    /// The name patients see: 1 to 200 characters.
    name: String,
    /// Degrees and titles, such as `MD`.
    #[graphql(default)]
    credentials: String,
    /// IANA name of the zone the working hours are in, such as `America/New_York`.
    time_zone: String,
    /// Where the provider may treat patients.
    #[graphql(default)]
    licences: Vec<LicenceInput>,
    /// The insurances that the provider accepts: ids or names.
    #[graphql(default)]
    insurances: Vec<String>,
    /// When the provider works.
    #[graphql(default)]
    working_hours: Vec<WorkingHoursInput>,
    /// Only say what would come of it.
    #[graphql(default = false)]
    dry_run: bool,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl CreateProviderInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreateProvider, Refusal> {
        let terms = terms(notes, None, self.idempotency_key, self.dry_run);
        let raw = RawProvider {
            reference: self.reference,
            name: self.name,
            credentials: Some(self.credentials),
            time_zone: self.time_zone,
            licences: self.licences.into_iter().map(Into::into).collect(),
            insurances: self.insurances,
            working_hours: self.working_hours.into_iter().map(Into::into).collect(),
        };
        CreateProvider::parse(raw, terms)
    }
}

/// What is to become of a provider. What is left out stays.
#[derive(InputObject)]
pub(in crate::graphql) struct UpdateProviderInput {
    /// The provider.
    id: ID,
    /// The name patients see: 1 to 200 characters.
    name: Option<String>,
    /// Degrees and titles, such as `MD`.
    credentials: Option<String>,
    /// IANA name of the zone the working hours are in. The hours stay as they are written.
    time_zone: Option<String>,
    /// Whether the provider works here: who does not is offered and booked no more, and keeps the past.
    active: Option<bool>,
    /// The version of the provider that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Only say what would come of it.
    #[graphql(default = false)]
    dry_run: bool,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl UpdateProviderInput {
    pub(in crate::graphql) fn parse(
        self,
        notes: &Notes,
    ) -> Result<(ProviderId, UpdateProvider), Refusal> {
        let terms = terms(notes, self.expected_version, self.idempotency_key, self.dry_run);
        let Self { name, credentials, time_zone, active, .. } = self;
        UpdateProvider::parse(&self.id, RawProfile { name, credentials, time_zone, active }, terms)
    }
}

/// Makes the input of an edit of one provider: of what it sets, and what all edits come with.
macro_rules! of_one_provider {
    (
        $(#[$doc:meta])* $input:ident => $command:ident,
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* },
        |$given:ident| ($($argument:expr),*)
    ) => {
        $(#[$doc])*
        #[derive(InputObject)]
        pub(in crate::graphql) struct $input {
            /// The provider.
            provider_id: ID,
            $($(#[$field_doc])* $field: $type,)*
            /// The version of the provider that you have seen: when it is at another, nothing is done.
            expected_version: Option<i32>,
            /// Only say what would come of it.
            #[graphql(default = false)]
            dry_run: bool,
            /// Makes a retry safe. 1 to 255 visible ASCII characters.
            idempotency_key: Option<String>,
        }

        impl $input {
            pub(in crate::graphql) fn parse(
                self,
                notes: &Notes,
            ) -> Result<(ProviderId, $command), Refusal> {
                let $given = self;
                let key = $given.idempotency_key;
                let terms = terms(notes, $given.expected_version, key, $given.dry_run);
                $command::parse(&$given.provider_id, $($argument,)* terms)
            }
        }
    };
}

of_one_provider!(
    /// The licences of a provider: these, and no others.
    SetLicencesInput => SetLicences,
    {
        /// The licences. One of the same state and number as now stays the same one.
        licences: Vec<LicenceInput>,
    },
    |given| (given.licences.into_iter().map(Into::into).collect())
);
of_one_provider!(
    /// The insurances that a provider accepts: these, and no others.
    SetInsurancesInput => SetInsurances,
    {
        /// Ids, or any of the names that people write for them.
        insurances: Vec<String>,
    },
    |given| (given.insurances)
);
of_one_provider!(
    /// The hours that a provider works every week: these, and no others.
    SetWorkingHoursInput => SetWorkingHours,
    {
        /// The hours, in any order. No two overlap on a day on which both are in effect.
        working_hours: Vec<WorkingHoursInput>,
    },
    |given| (given.working_hours.into_iter().map(Into::into).collect())
);
of_one_provider!(
    /// The kinds of visits that a provider offers.
    SetProviderVisitTypesInput => SetProviderVisitTypes,
    {
        /// The kinds of visits: these, and no others; with none, all that are active.
        visit_type_ids: Vec<ID>,
    },
    |given| (&given.visit_type_ids.into_iter().map(|id| id.0).collect::<Vec<_>>())
);
of_one_provider!(
    /// The rules by which visits with a provider are booked.
    SetRulesInput => SetRules,
    {
        /// What is to become of them.
        rules: BookingRulesInput,
    },
    |given| (given.rules.into())
);
of_one_provider!(
    /// What a provider works on one day, whatever they work every week.
    SetDateOverrideInput => SetDateOverride,
    {
        /// The day, where the provider is; not in the past.
        date: Date,
        /// The hours of that day. Empty: none, the provider is away. Null or left out: as every week.
        hours: Option<Vec<DayHoursInput>>,
    },
    |given| (
        given.date.0,
        given.hours.map(|hours| hours.into_iter().map(Into::into).collect())
    )
);
of_one_provider!(
    /// Time that a provider takes off.
    AddTimeOffInput => AddTimeOff,
    {
        /// When it begins: a whole minute.
        starts_at: DateTime,
        /// When it ends, which does not belong to it: a whole minute, in the future.
        ends_at: DateTime,
        /// Why, for those who may change hours. At most 1000 characters.
        reason: Option<String>,
    },
    |given| ((given.starts_at.0, given.ends_at.0), given.reason.as_deref())
);

/// Time off that is to be none any more.
#[derive(InputObject)]
pub(in crate::graphql) struct RemoveTimeOffInput {
    /// The time off.
    id: ID,
    /// The version of the provider that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Only say what would come of it.
    #[graphql(default = false)]
    dry_run: bool,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl RemoveTimeOffInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<RemoveTimeOff, Refusal> {
        let terms = terms(notes, self.expected_version, self.idempotency_key, self.dry_run);
        RemoveTimeOff::parse(&self.id, terms)
    }
}
