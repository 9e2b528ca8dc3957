//! The words of a request and of a refusal, the same for every use case and both doors.

pub mod code;
mod field;
mod field_change;
mod fingerprint;
mod key;
mod reading;
mod refusal;
mod resource;
mod sentence;
mod values;
mod version;

pub use code::ErrorCode;
pub use field::{Field, Violation};
pub use field_change::FieldChange;
pub use fingerprint::fingerprint;
pub use key::IdempotencyKey;
pub use reading::{FieldReader, When, not_blank, whole_minute};
pub use refusal::{Refusal, TransitionBar};
pub use resource::Resource;
pub use values::{
    AskedVisitType, HoldToken, HoldTokenSeed, asked_provider_id, parse_appointment_id,
    parse_length, parse_patient_id, parse_provider_id, parse_state, parse_window, payer_named,
    payer_of_visits, provider_filter, search_fault,
};
pub use version::ExpectedVersion;
