//! What happens to the roster, as a reader of its log is told.

use std::str::FromStr;

use jiff::Timestamp;

use super::appointment_event::{EventPosition, UnknownEventKind};
use super::ids::ProviderId;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// What happened to the roster.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RosterEventKind {
            $($(#[$doc])* $name,)*
        }

        impl RosterEventKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name that the database and GraphQL use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// Somebody works here now.
    ProviderCreated "PROVIDER_CREATED",
    /// Their name, credentials or time zone are others, or they work here no more, or again.
    ProviderUpdated "PROVIDER_UPDATED",
    /// They hold other licences.
    LicencesSet "LICENCES_SET",
    /// They take other insurances.
    InsurancesSet "INSURANCES_SET",
    /// They work other hours.
    WorkingHoursSet "WORKING_HOURS_SET",
    /// They offer other kinds of visits.
    ProviderVisitTypesSet "PROVIDER_VISIT_TYPES_SET",
    /// Visits with them are booked by other rules.
    RulesSet "RULES_SET",
    /// On some day they work other hours than every week, or as every week again.
    DateOverrideSet "DATE_OVERRIDE_SET",
    /// They take time off.
    TimeOffAdded "TIME_OFF_ADDED",
    /// Some time off is none any more.
    TimeOffRemoved "TIME_OFF_REMOVED",
    /// The clinic has other rules.
    ClinicRulesSet "CLINIC_RULES_SET",
    /// There is another kind of visit.
    VisitTypeCreated "VISIT_TYPE_CREATED",
    /// A kind of visit is another, or is offered no more, or again.
    VisitTypeUpdated "VISIT_TYPE_UPDATED",
    /// The clinic knows another insurance.
    InsuranceCreated "INSURANCE_CREATED",
    /// An insurance is called otherwise, or is taken no more, or again.
    InsuranceUpdated "INSURANCE_UPDATED",
    /// The clinic is closed on some day.
    ClosedDaySet "CLOSED_DAY_SET",
    /// It is not closed on some day after all.
    ClosedDayRemoved "CLOSED_DAY_REMOVED",
}

impl FromStr for RosterEventKind {
    type Err = UnknownEventKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(UnknownEventKind)
    }
}

/// Something that happened to the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RosterEvent {
    /// Its place in the log of the roster.
    pub position: EventPosition,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: RosterEventKind,
    /// Whose; none for what is the clinic's.
    pub provider_id: Option<ProviderId>,
}
