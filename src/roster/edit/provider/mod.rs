//! The edits of a provider, a file each.

mod create;
mod date_override;
mod hours;
mod insurances;
mod licences;
mod profile;
mod rules;
mod time_off;
mod visit_types;

pub use create::{CreateProvider, RawProvider};
pub use date_override::SetDateOverride;
pub use hours::{RawHours, RawSpan, SetWorkingHours};
pub use insurances::SetInsurances;
pub use licences::{RawLicence, SetLicences};
pub use profile::{RawProfile, UpdateProvider};
pub use rules::{RawRules, SetRules};
pub use time_off::{AddTimeOff, RemoveTimeOff};
pub use visit_types::SetProviderVisitTypes;

pub(super) use rules::RulesChange;
