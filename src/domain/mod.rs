//! What a booking is and when it is allowed. Pure: no I/O, no async, and not one name
//! from another part of the crate.

pub mod appointment;
pub mod appointment_event;
pub mod appointment_filter;
mod appointment_series;
pub mod audit;
pub mod availability;
pub mod busy;
pub mod calendar_feed;
pub mod clinic_settings;
pub mod clock;
pub mod days;
pub mod directory;
pub mod eligibility;
pub mod folding;
pub mod hold;
pub mod hours_overlap;
pub mod ids;
pub mod insurance;
pub mod judge;
pub mod late_refusal;
pub mod licence;
pub mod mail;
pub mod misfit;
pub mod name_and_address;
mod named;
pub mod next_step;
pub mod offer;
pub mod openings;
pub mod overruling;
pub mod own_patient;
pub mod page;
pub mod patient;
pub mod patient_clock;
pub mod patient_details;
pub mod patient_hours;
pub mod provenance;
pub mod provider;
pub mod provider_fit;
pub mod provider_record;
pub mod ranking;
pub mod recurrence;
pub mod roster_event;
pub mod rules;
pub mod schedule;
pub mod search_step;
pub mod self_pay;
pub mod series;
pub mod spoken_time;
pub mod suggest;
pub mod text;
pub mod time_slot;
pub mod told_event;
pub mod us_state;
pub mod visit_link;
pub mod visit_type;
pub mod waitlist;
pub mod webhook;
pub mod window_edge;
pub mod working_hours;
pub mod zone_data;

pub use appointment::{Appointment, AppointmentStatus, Reassignment, VisitDetails};
pub use appointment_event::{AppointmentEvent, AppointmentEventKind, EventFilter, EventPosition};
pub use appointment_filter::{AppointmentFilter, AppointmentOwner, AppointmentPosition};
pub use appointment_series::{AppointmentSeries, StayedVisit};
pub use calendar_feed::{CalendarFeed, FeedOwner, FeedSpan};
pub use clinic_settings::ClinicSettings;
pub use clock::{Clock, SystemClock};
pub use days::{ClosedDay, DateOverride, TimeOff};
pub use directory::{Directory, ProviderFilter};
pub use hold::{Hold, HoldLength, HoldLimits};
pub use ids::{
    AppointmentId, AuditEventId, CalendarFeedId, LicenceId, MailId, PatientId, PayerId, PersonId,
    ProviderId, SeriesId, TimeOffId, TokenId, VisitTypeId, WaitlistEntryId, WebhookDeliveryId,
    WebhookEndpointId,
};
pub use insurance::Payer;
pub use late_refusal::LateRefusal;
pub use licence::Licence;
pub use mail::{
    Mail, MailFacts, MailFilter, MailKind, MailOutcome, MailStatus, MailSubject, Reminders,
};
pub use name_and_address::{EmailAddress, PatientName};
pub use offer::Offer;
pub use overruling::{Overruling, Policy};
pub use page::Page;
pub use patient::Patient;
pub use patient_clock::PatientClock;
pub use patient_details::{BirthDate, PatientDetails, PhoneNumber, TimeZoneName};
pub use patient_hours::PatientHours;
pub use provenance::Provenance;
pub use provider::Provider;
pub use provider_record::{ProviderPart, ProviderRecord};
pub use recurrence::RecurrenceRule;
pub use roster_event::{RosterEvent, RosterEventKind};
pub use rules::{BookingRules, ClinicRules, OwnRules};
pub use schedule::WeeklySchedule;
pub use time_slot::{TimeSlot, VisitLength};
pub use told_event::ToldEvent;
pub use us_state::UsState;
pub use visit_link::{LinkTarget, VisitLink};
pub use visit_type::{Buffers, VisitShape, VisitType};
pub use waitlist::{
    OfferLength, OfferOutcome, WaitlistEntry, WaitlistOffer, WaitlistStatus, WaitlistWindow,
};
pub use webhook::{WebhookDelivery, WebhookEndpoint, WebhookOutcome};
pub use window_edge::WindowEdge;
pub use working_hours::{DayHours, LocalTime, WorkingHours};
pub use zone_data::{zone_data_version, zone_named};
