//! What the mutations of what is the clinic's take.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::terms;
use crate::graphql::notes::Notes;
use crate::graphql::types::date::Date;
use crate::graphql::types::patient_change::change;
use crate::request::Refusal;
use crate::roster::edit::{
    CreateInsurance, CreateVisitType, RawClinicRules, RawInsurance, RawRules, RawVisitType,
    RemoveClosedDay, SetClinicRules, SetClosedDay, UpdateInsurance, UpdateVisitType,
};

/// What is to become of the clinic's rules. What is left out stays; null is as the server was started.
#[derive(InputObject)]
pub(in crate::graphql) struct ClinicRulesInput {
    /// How far apart offered times lie: 1 to 480 minutes.
    grid_minutes: MaybeUndefined<i32>,
    /// What is kept free before each visit: 0 to 480 minutes.
    buffer_before_minutes: MaybeUndefined<i32>,
    /// What is kept free after each visit: 0 to 480 minutes.
    buffer_after_minutes: MaybeUndefined<i32>,
    /// How long before its start a visit is booked at the latest: 0 to 525600 minutes.
    notice_minutes: MaybeUndefined<i32>,
    /// How far ahead a visit may start: 1 to 730 days.
    horizon_days: MaybeUndefined<i32>,
    /// How many visits may start on one local day of a provider: 1 to 1000.
    max_appointments_per_day: MaybeUndefined<i32>,
    /// The earliest start, on the patient's own clock, that is offered where any provider will do, such as
    /// `07:00`.
    patient_earliest: MaybeUndefined<String>,
    /// The latest such start, such as `21:00`.
    patient_latest: MaybeUndefined<String>,
}

impl From<ClinicRulesInput> for RawClinicRules {
    fn from(given: ClinicRulesInput) -> Self {
        Self {
            rules: RawRules {
                grid_minutes: change(given.grid_minutes),
                buffer_before_minutes: change(given.buffer_before_minutes),
                buffer_after_minutes: change(given.buffer_after_minutes),
                notice_minutes: change(given.notice_minutes),
                horizon_days: change(given.horizon_days),
                max_appointments_per_day: change(given.max_appointments_per_day),
            },
            patient_earliest: change(given.patient_earliest),
            patient_latest: change(given.patient_latest),
        }
    }
}

/// Makes the input of an edit of something that is the clinic's.
macro_rules! of_the_clinic {
    (
        $(#[$doc:meta])* $input:ident => $command:ident, $version:literal,
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* },
        |$given:ident| ($($argument:expr),*)
    ) => {
        $(#[$doc])*
        #[derive(InputObject)]
        pub(in crate::graphql) struct $input {
            $($(#[$field_doc])* $field: $type,)*
            #[doc = $version]
            expected_version: Option<i32>,
            /// Only say what would come of it.
            #[graphql(default = false)]
            dry_run: bool,
            /// Makes a retry safe. 1 to 255 visible ASCII characters.
            idempotency_key: Option<String>,
        }

        impl $input {
            pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<$command, Refusal> {
                let $given = self;
                let key = $given.idempotency_key;
                let terms = terms(notes, $given.expected_version, key, $given.dry_run);
                $command::parse($($argument,)* terms)
            }
        }
    };
}

of_the_clinic!(
    /// The clinic's rules.
    SetClinicRulesInput => SetClinicRules,
    "The version of the clinic's rules that you have seen: when they are at another, nothing is done.",
    {
        /// What is to become of them.
        rules: ClinicRulesInput,
    },
    |given| (given.rules.into())
);
of_the_clinic!(
    /// What is to become of a kind of visit. What is left out stays.
    UpdateVisitTypeInput => UpdateVisitType,
    "The version of the kind of visit that you have seen: when it is at another, nothing is done.",
    {
        /// The kind of visit.
        id: ID,
        /// What it is called: 1 to 200 characters. No two are called the same.
        name: Option<String>,
        /// How long such a visit is, unless another length is asked for: 5 to 480 minutes.
        duration_minutes: Option<i32>,
        /// What is kept free before it, where that is more than its provider keeps: 0 to 480 minutes.
        buffer_before_minutes: Option<i32>,
        /// What is kept free after it, where that is more than its provider keeps: 0 to 480 minutes.
        buffer_after_minutes: Option<i32>,
        /// Whether it is offered.
        active: Option<bool>,
    },
    |given| (
        &given.id,
        RawVisitType {
            name: given.name,
            duration_minutes: given.duration_minutes,
            buffer_before_minutes: given.buffer_before_minutes,
            buffer_after_minutes: given.buffer_after_minutes,
            active: given.active,
        }
    )
);
of_the_clinic!(
    /// What is to become of an insurance. What is left out stays.
    UpdateInsuranceInput => UpdateInsurance,
    "The version of the insurance that you have seen: when it is at another, nothing is done.",
    {
        /// The insurance.
        id: ID,
        /// The name it is shown under: 1 to 200 characters.
        name: Option<String>,
        /// Other names that people write for it: these, and no others. No name is that of two insurances.
        aliases: Option<Vec<String>>,
        /// Whether it stands for patients who pay themselves; at most one does.
        self_pay: Option<bool>,
        /// Whether it is accepted at all.
        active: Option<bool>,
    },
    |given| (
        &given.id,
        RawInsurance {
            name: given.name,
            aliases: given.aliases,
            self_pay: given.self_pay,
            active: given.active,
        }
    )
);
of_the_clinic!(
    /// A day on which the clinic is closed.
    SetClosedDayInput => SetClosedDay,
    "The version of the clinic's rules that you have seen, which counts the closed days too: when they are at another, nothing is done.",
    {
        /// The day, where each provider is; not in the past.
        date: Date,
        /// What the day is called: 1 to 200 characters.
        name: String,
    },
    |given| (given.date.0, &given.name)
);
of_the_clinic!(
    /// A day on which the clinic is to be closed no more.
    RemoveClosedDayInput => RemoveClosedDay,
    "The version of the clinic's rules that you have seen, which counts the closed days too: when they are at another, nothing is done.",
    {
        /// The day.
        date: Date,
    },
    |given| (given.date.0)
);

/// A kind of visit that is to be offered.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateVisitTypeInput {
    /// What it is called: 1 to 200 characters. No two are called the same.
    name: String,
    /// How long such a visit is, unless another length is asked for: 5 to 480 minutes.
    duration_minutes: i32,
    /// What is kept free before it, where that is more than its provider keeps: 0 to 480 minutes.
    #[graphql(default = 0)]
    buffer_before_minutes: i32,
    /// What is kept free after it, where that is more than its provider keeps: 0 to 480 minutes.
    #[graphql(default = 0)]
    buffer_after_minutes: i32,
    /// Only say what would come of it.
    #[graphql(default = false)]
    dry_run: bool,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl CreateVisitTypeInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreateVisitType, Refusal> {
        let terms = terms(notes, None, self.idempotency_key, self.dry_run);
        let raw = RawVisitType {
            name: Some(self.name),
            duration_minutes: Some(self.duration_minutes),
            buffer_before_minutes: Some(self.buffer_before_minutes),
            buffer_after_minutes: Some(self.buffer_after_minutes),
            active: None,
        };
        CreateVisitType::parse(raw, terms)
    }
}

/// An insurance that the clinic is to know.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateInsuranceInput {
    /// The name it is shown under: 1 to 200 characters.
    name: String,
    /// Other names that people write for it. No name is that of two insurances.
    #[graphql(default)]
    aliases: Vec<String>,
    /// Only say what would come of it.
    #[graphql(default = false)]
    dry_run: bool,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl CreateInsuranceInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreateInsurance, Refusal> {
        let terms = terms(notes, None, self.idempotency_key, self.dry_run);
        let raw = RawInsurance { aliases: Some(self.aliases), ..RawInsurance::default() };
        CreateInsurance::parse(self.name, raw, terms)
    }
}
