//! The edits of what is the clinic's, a file each.

mod closed_day;
mod create_insurance;
mod create_visit_type;
mod given_insurance;
mod given_visit_type;
mod open_day;
mod rules;
mod stored_day;
mod update;
mod update_insurance;
mod update_visit_type;

pub use closed_day::SetClosedDay;
pub use create_insurance::CreateInsurance;
pub use create_visit_type::CreateVisitType;
pub use given_insurance::RawInsurance;
pub use given_visit_type::RawVisitType;
pub use open_day::RemoveClosedDay;
pub use rules::{RawClinicRules, SetClinicRules};
pub use update_insurance::UpdateInsurance;
pub use update_visit_type::UpdateVisitType;
