//! What a booking is and when it is allowed. Pure: no I/O, no async, and not one name
//! from another part of the crate.

pub mod appointment;
pub mod appointment_event;
pub mod availability;
pub mod clock;
pub mod directory;
pub mod eligibility;
pub mod held_time;
pub mod ids;
pub mod insurance;
pub mod patient;
pub mod provider;
pub mod suggest;
pub mod text;
pub mod time_slot;
pub mod us_state;
pub mod working_hours;

pub use appointment::{Appointment, AppointmentStatus};
pub use appointment_event::{AppointmentEvent, AppointmentEventKind, EventPosition};
pub use clock::{Clock, SystemClock};
pub use directory::Directory;
pub use held_time::HeldTime;
pub use ids::{AppointmentId, PatientId, PayerId, ProviderId};
pub use insurance::Payer;
pub use patient::{EmailAddress, Patient, PatientName};
pub use provider::{Licence, Provider};
pub use time_slot::{TimeSlot, VisitLength};
pub use us_state::UsState;
pub use working_hours::{LocalTime, WeeklySchedule, WorkingHours};
