//! The tables as SeaORM sees them. Rows, not domain: what leaves `db` is `domain`'s or `access`'s.

pub(super) mod api_token;
pub(super) mod appointment;
pub(super) mod appointment_event;
pub(super) mod clinic_rules;
pub(super) mod closed_day;
pub(super) mod date_override;
pub(super) mod date_override_hours;
pub(super) mod given_up_outside;
pub(super) mod idempotency_key;
pub(super) mod insurance;
pub(super) mod insurance_alias;
pub(super) mod merged_patient;
pub(super) mod outbox;
pub(super) mod patient;
pub(super) mod person;
pub(super) mod provider;
pub(super) mod provider_insurance;
pub(super) mod provider_state;
pub(super) mod provider_visit_type;
pub(super) mod refused_time;
pub(super) mod roster_event;
pub(super) mod session;
pub(super) mod sign_in_try;
pub(super) mod time_off;
pub(super) mod visit_type;
pub(super) mod working_hours;
