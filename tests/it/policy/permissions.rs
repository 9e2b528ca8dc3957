//! Each use case asks for the right itself, whatever door calls it.

use std::sync::Arc;

use clinic::access::{Actor, Caller, Role};
use clinic::booking::command::{RawBooking, RawOverrule, RawVisit, RawVisitUpdate};
use clinic::booking::{
    BookAppointment, CancelAppointment, ReassignAppointment, RescheduleAppointment, SetVisitStatus,
    UpdateAppointment,
};
use clinic::domain::audit::AuditFilter;
use clinic::domain::{
    AppointmentFilter, AppointmentId, AppointmentOwner, ClinicRules, EventFilter, EventPosition,
    Page, PatientId, SystemClock, TimeSlot, VisitLength, VisitShape,
};
use clinic::patients::command::RawPatientChange;
use clinic::patients::{MergePatients, Patients, UpdatePatient};
use clinic::request::{ErrorCode, ExpectedVersion, FieldChange, Refusal};
use clinic::roster::Roster;
use clinic::search::AvailabilityQuery;
use clinic::settling::{Backlog, BacklogError, ComparisonError};

use super::clinic::Clinic;
use crate::support::{caller, on_both_engines};

const EVERYBODY: &str = "ASCUV";

/// Whether a use case was refused for the role; whatever else came of it.
fn is_forbidden<T>(result: Result<T, Refusal>) -> bool {
    result.err().is_some_and(|refusal| refusal.code() == ErrorCode::Forbidden)
}

/// Every use case that a door can call, by name, with the roles that may call it (the contract's columns:
/// Admin, Scheduler, Clinician, aUditor, Viewer), and whether it refused `actor`.
#[expect(clippy::too_many_lines, reason = "a list, a few lines for each use case")]
async fn asked(clinic: &Clinic, actor: &Actor) -> Vec<(&'static str, &'static str, bool)> {
    let services = &clinic.app.services;
    let (records, search) = (&services.records, &services.search);
    let (changes, booking, patients) = (&services.changes, &services.booking, &services.patients);
    let visit: AppointmentId = clinic.own.visit.parse().unwrap();
    let patient: PatientId = clinic.own.patient.parse().unwrap();
    let of_provider = [AppointmentOwner::Provider(clinic.own_provider())];
    let of_patient = [AppointmentOwner::Patient(patient)];
    let all = AppointmentFilter::default();
    let by_patient = AppointmentFilter { patient_id: Some(patient), ..all.clone() };
    let query =
        AvailabilityQuery::parse(Some(&clinic.own_id), None, None, (None, None), None, Vec::new())
            .unwrap();
    let window = TimeSlot::new(
        "2027-01-12T14:00:00Z".parse().unwrap(),
        "2027-01-13T14:00:00Z".parse().unwrap(),
    )
    .unwrap();
    let everybody = EventFilter::default();
    let seen = patients_of(clinic, patient).await;
    let (trail, acts, own) = (&services.trail, AuditFilter::default(), clinic.own_provider());
    let (first, length) = (Page::first(5), VisitShape::plain(VisitLength::DEFAULT));
    vec![
        ("directory", EVERYBODY, is_forbidden(records.directory(actor).await)),
        ("clinic_zone", EVERYBODY, is_forbidden(records.clinic_zone(actor).await)),
        (
            "first_available",
            EVERYBODY,
            is_forbidden(search.first_available(actor, &query, None).await),
        ),
        (
            "list_offers",
            EVERYBODY,
            is_forbidden(search.list_offers(actor, &query, window, None, 5).await),
        ),
        (
            "offers_within",
            EVERYBODY,
            is_forbidden(search.offers_within(actor, &[], window, length).await),
        ),
        (
            "first_available_of_each",
            EVERYBODY,
            is_forbidden(search.first_available_of_each(actor, vec![], None, length).await),
        ),
        (
            "appointments",
            EVERYBODY,
            is_forbidden(records.appointments(actor, &all, Page::first(5)).await),
        ),
        (
            "count_appointments",
            EVERYBODY,
            is_forbidden(records.count_appointments(actor, &all).await),
        ),
        ("appointment", EVERYBODY, is_forbidden(records.appointment(actor, visit).await)),
        (
            "appointments_of_ids",
            EVERYBODY,
            is_forbidden(records.appointments_of_ids(actor, &[visit]).await),
        ),
        (
            "appointments_of_each",
            EVERYBODY,
            is_forbidden(
                records.appointments_of_each(actor, &of_provider, &all, Page::first(5)).await,
            ),
        ),
        (
            "count_appointments_of_each",
            EVERYBODY,
            is_forbidden(records.count_appointments_of_each(actor, &of_provider, &all).await),
        ),
        (
            "events",
            EVERYBODY,
            is_forbidden(changes.events(actor, &everybody, Page::first(5)).await),
        ),
        ("count_events", EVERYBODY, is_forbidden(changes.count_events(actor, &everybody).await)),
        ("end_of_events", EVERYBODY, is_forbidden(changes.end_of_events(actor).await)),
        (
            "appointments by patient",
            "ASC",
            is_forbidden(records.appointments(actor, &by_patient, Page::first(5)).await),
        ),
        (
            "count_appointments by patient",
            "ASC",
            is_forbidden(records.count_appointments(actor, &by_patient).await),
        ),
        (
            "appointments_of_each patient",
            "ASC",
            is_forbidden(
                records.appointments_of_each(actor, &of_patient, &all, Page::first(5)).await,
            ),
        ),
        (
            "count_appointments_of_each patient",
            "ASC",
            is_forbidden(records.count_appointments_of_each(actor, &of_patient, &all).await),
        ),
        ("patients", "ASC", is_forbidden(records.patients(actor, None, first).await)),
        ("count_patients", "ASC", is_forbidden(records.count_patients(actor, None).await)),
        ("patients_of_ids", "ASC", is_forbidden(records.patients_of_ids(actor, &[patient]).await)),
        ("similar_to", "ASC", is_forbidden(patients.similar_to(actor, &seen).await)),
        (
            "update",
            "ASC",
            is_forbidden(patients.update(actor, &correction(&clinic.own.patient)).await),
        ),
        ("merge", "AS", is_forbidden(patients.merge(actor, &merge(clinic)).await)),
        ("duplicates", "AS", is_forbidden(patients.duplicates(actor).await)),
        ("audit events", "AU", is_forbidden(trail.events(actor, &acts, Page::first(5)).await)),
        ("count of audit events", "AU", is_forbidden(trail.count_events(actor, &acts).await)),
        ("audit export", "AU", is_forbidden(trail.export(actor, (None, None), |_row| ()).await)),
        ("history", "ASCU", is_forbidden(trail.history(actor, &[(visit, own)]).await)),
        ("book", "ASC", is_forbidden(booking.book(actor, &visit_of(&clinic.own.patient)).await)),
        (
            "reschedule",
            "ASC",
            is_forbidden(booking.change(actor, &to_another_time(&clinic.own.visit)).await),
        ),
        ("cancel", "ASC", is_forbidden(booking.change(actor, &no_more(&clinic.own.visit)).await)),
        (
            "reassign",
            // A clinician gives nothing away.
            "AS",
            is_forbidden(booking.change(actor, &to_somebody_else(&clinic.own.visit)).await),
        ),
        (
            "set_status",
            "ASC",
            is_forbidden(booking.change(actor, &as_it_is(&clinic.own.visit)).await),
        ),
        (
            "update appointment",
            "ASC",
            is_forbidden(booking.change(actor, &corrected(&clinic.own.visit)).await),
        ),
    ]
}

async fn patients_of(clinic: &Clinic, id: PatientId) -> clinic::domain::Patient {
    let records = &clinic.app.services.records;
    records.patients_of_ids(&Actor::system(), &[id]).await.unwrap().remove(&id).unwrap()
}

fn correction(id: &str) -> UpdatePatient {
    let phone = FieldChange::Is("+12035550111".to_owned());
    let raw = RawPatientChange { id: id.to_owned(), phone, ..RawPatientChange::default() };
    UpdatePatient::parse(raw).unwrap()
}

/// Of two whose visits overlap not, and who are no one person: it is refused for its version.
fn merge(clinic: &Clinic) -> MergePatients {
    let expected = ExpectedVersion::of_field(Some(1000));
    MergePatients::parse(&clinic.own.patient, &clinic.other.patient, expected, None).unwrap()
}

fn visit_of(patient: &str) -> BookAppointment {
    let raw = RawBooking { patient_id: Some(patient.to_owned()), ..RawBooking::default() };
    BookAppointment::parse(raw).unwrap()
}

fn which(id: &str) -> RawVisit {
    RawVisit { id: id.to_owned(), ..RawVisit::default() }
}

fn to_another_time(visit: &str) -> RescheduleAppointment {
    let time = Some("2027-01-12T19:00:00Z".parse().unwrap());
    RescheduleAppointment::parse(which(visit), time, None, &RawOverrule::default()).unwrap()
}

fn to_somebody_else(visit: &str) -> ReassignAppointment {
    let (nobody, nothing) = ("prv_00000000000000000000000000", RawOverrule::default());
    ReassignAppointment::parse(which(visit), nobody, None, &nothing).unwrap()
}

fn as_it_is(visit: &str) -> SetVisitStatus {
    SetVisitStatus::parse(which(visit), Some("CONFIRMED")).unwrap()
}

fn corrected(visit: &str) -> UpdateAppointment {
    UpdateAppointment::parse(which(visit), RawVisitUpdate::default()).unwrap()
}

fn no_more(visit: &str) -> CancelAppointment {
    CancelAppointment::parse(which(visit), None).unwrap()
}

on_both_engines! {
    async fn each_use_case_refuses_whoever_may_not(engine) {
        let clinic = Clinic::open(engine).await;
        // All that is wrong is told at once: so one build with every cell of the policy changed shows what
        // each of them is caught by.
        let mut wrong = Vec::new();
        for (role, letter) in Role::ALL.into_iter().zip(EVERYBODY.chars()) {
            for (name, may, refused) in Box::pin(asked(&clinic, &clinic.caller(role))).await {
                if refused == may.contains(letter) {
                    wrong.push(format!("{name} as {}", role.as_str()));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
        // A clinician who is no provider has nothing of their own.
        for (name, _, refused) in Box::pin(asked(&clinic, &caller(Role::Clinician, None))).await {
            let is_schedule = ["directory", "clinic_zone", "first_available", "list_offers", "offers_within", "first_available_of_each"].contains(&name);
            assert_eq!(refused, !is_schedule, "{name}");
        }
    }
}

on_both_engines! {
    async fn what_runs_the_server_is_for_whoever_sits_at_it(engine) {
        let clinic = Clinic::open(engine).await;
        let backlog = Backlog::new(clinic.app.db.clone(), Arc::new(SystemClock));
        for actor in [Actor::anonymous(), Actor::token_holder(), clinic.caller(Role::Admin)] {
            assert!(matches!(backlog.list(&actor).await, Err(BacklogError::Forbidden(_))));
            assert!(matches!(backlog.release(&actor, None).await, Err(BacklogError::Forbidden(_))));
            let compared = clinic.app.settling.reconcile(&actor).await;
            assert!(matches!(compared, Err(ComparisonError::Forbidden(_))));
        }
        let operator = Actor::operator();
        assert_eq!(operator.caller, Caller::Operator);
        assert_eq!(backlog.list(&operator).await.unwrap(), []);
        assert_eq!(backlog.release(&operator, None).await.unwrap(), 0);
        assert!(clinic.app.settling.reconcile(&operator).await.unwrap().is_clean());
        let roster = Arc::new(Roster::new(clinic.app.db.clone(), None, ClinicRules::default()));
        let trail = Arc::clone(&clinic.app.services.trail);
        let patients = Patients::new(clinic.app.db.clone(), Arc::new(SystemClock), roster, trail);
        assert!(patients.duplicates(&operator).await.is_ok());
    }
}

on_both_engines! {
    async fn a_follower_is_told_nothing_that_its_caller_may_not_see(engine) {
        let clinic = Clinic::open(engine).await;
        let changes = &clinic.app.services.changes;
        let mut nothing = changes.follow(&caller(Role::Clinician, None), EventPosition(0), EventFilter::default());
        let mut all = changes.follow(&clinic.caller(Role::Viewer), EventPosition(0), EventFilter::default());
        let mut own = changes.follow(&clinic.clinician(), EventPosition(0), EventFilter::default());
        assert!(all.take().await.is_some());
        let first = own.take().await.unwrap();
        assert_eq!(first.event.appointment.provider_id, clinic.own_provider());
        assert!(nothing.take().await.is_none());
        let other = clinic.other_id.parse().unwrap();
        let theirs = EventFilter { provider_id: Some(other), ..EventFilter::default() };
        let mut theirs = changes.follow(&clinic.clinician(), EventPosition(0), theirs);
        assert!(theirs.take().await.is_none());
    }
}
