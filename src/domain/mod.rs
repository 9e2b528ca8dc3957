//! What a booking is and when it is allowed. Pure: no I/O, no async, and not one name
//! from another part of the crate.

pub mod appointment;
pub mod appointment_event;
pub mod appointment_filter;
pub mod audit;
pub mod availability;
pub mod busy;
pub mod clock;
pub mod days;
pub mod directory;
pub mod eligibility;
pub mod folding;
pub mod ids;
pub mod insurance;
pub mod late_refusal;
pub mod licence;
pub mod name_and_address;
pub mod next_step;
pub mod offer;
pub mod own_patient;
pub mod page;
pub mod patient;
pub mod patient_clock;
pub mod patient_details;
pub mod patient_hours;
pub mod provider;
pub mod ranking;
pub mod rules;
pub mod search_step;
pub mod self_pay;
pub mod suggest;
pub mod text;
pub mod time_slot;
pub mod us_state;
pub mod visit_type;
pub mod window_edge;
pub mod working_hours;
pub mod zone_data;

pub use appointment::{Appointment, AppointmentStatus};
pub use appointment_event::{AppointmentEvent, AppointmentEventKind, EventFilter, EventPosition};
pub use appointment_filter::{AppointmentFilter, AppointmentOwner, AppointmentPosition};
pub use clock::{Clock, SystemClock};
pub use days::{ClosedDay, DateOverride, DayHours, TimeOff};
pub use directory::{Directory, ProviderFilter};
pub use ids::{
    AppointmentId, AuditEventId, LicenceId, PatientId, PayerId, PersonId, ProviderId, TimeOffId,
    TokenId, VisitTypeId,
};
pub use insurance::Payer;
pub use late_refusal::LateRefusal;
pub use licence::Licence;
pub use name_and_address::{EmailAddress, PatientName};
pub use offer::Offer;
pub use page::Page;
pub use patient::Patient;
pub use patient_clock::PatientClock;
pub use patient_details::{BirthDate, PatientDetails, PhoneNumber, TimeZoneName};
pub use patient_hours::PatientHours;
pub use provider::Provider;
pub use rules::{BookingRules, ClinicRules, OwnRules};
pub use time_slot::{TimeSlot, VisitLength};
pub use us_state::UsState;
pub use visit_type::{Buffers, VisitType};
pub use window_edge::WindowEdge;
pub use working_hours::{LocalTime, WeeklySchedule, WorkingHours};
pub use zone_data::{zone_data_version, zone_named};
