//! What a booking is and when it is allowed. Pure: no I/O, no async, and not one name
//! from another part of the crate.

pub mod appointment;
pub mod appointment_event;
pub mod appointment_filter;
pub mod availability;
pub mod busy;
pub mod clock;
pub mod directory;
pub mod eligibility;
pub mod ids;
pub mod insurance;
pub mod late_refusal;
pub mod licence;
pub mod next_step;
pub mod offer;
pub mod page;
pub mod patient;
pub mod patient_details;
pub mod provider;
pub mod ranking;
pub mod rules;
pub mod search_step;
pub mod self_pay;
pub mod suggest;
pub mod text;
pub mod time_slot;
pub mod us_state;
pub mod working_hours;

pub use appointment::{Appointment, AppointmentStatus};
pub use appointment_event::{AppointmentEvent, AppointmentEventKind, EventFilter, EventPosition};
pub use appointment_filter::{AppointmentFilter, AppointmentOwner, AppointmentPosition};
pub use clock::{Clock, SystemClock};
pub use directory::Directory;
pub use ids::{AppointmentId, PatientId, PayerId, ProviderId};
pub use insurance::Payer;
pub use late_refusal::LateRefusal;
pub use licence::Licence;
pub use offer::Offer;
pub use page::Page;
pub use patient::{EmailAddress, Patient, PatientName};
pub use patient_details::{BirthDate, PatientDetails, PhoneNumber, TimeZoneName};
pub use provider::Provider;
pub use rules::ClinicRules;
pub use time_slot::{TimeSlot, VisitLength};
pub use us_state::UsState;
pub use working_hours::{LocalTime, WeeklySchedule, WorkingHours};
