//! What the walk expects, written by hand: the row of the contract's table that each field, mutation and
//! route is under, and what it is asked with.

use std::collections::BTreeMap;

use clinic::access::Role;

use super::schema::Field;
use crate::policy::table::letter;

/// Whose the things are that are asked for, as the clinician sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Own,
    Others,
}

/// How something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Visible,
    /// As what does not exist.
    Hidden,
    Forbidden,
}

/// Each object type, the row that these fields of it are under (`-`: whoever sees the object sees them), and
/// the fields.
const FIELDS: &[(&str, &str, &str)] = &[
    ("Query", "READ_APPOINTMENTS", "node appointment appointments events waitlistEntries"),
    ("Query", "READ_PATIENTS", "patient patients"),
    (
        "Query",
        "READ_SCHEDULE",
        "provider providers availableSlots firstAvailable insurances rosterEvents",
    ),
    ("Query", "READ_SCHEDULE", "visitTypes clinicRules closedDays explainTime matchProviders"),
    ("Query", "READ_SCHEDULE", "previewSeries"),
    ("SeriesPreview", "-", "provider occurrences"),
    ("SeriesOccurrence", "-", "index startsAt localStartsAt bookable reasons note alternative"),
    ("TimeExplanation", "-", "bookable offered reasons"),
    ("TimeReason", "-", "code message from until overrulable"),
    ("MatchResult", "-", "matched excluded"),
    ("ExcludedProvider", "-", "provider reasons"),
    ("MatchReason", "-", "code message"),
    (
        "Mutation",
        "MANAGE_ROSTER",
        "createProvider updateProvider setLicences setInsurances setProviderVisitTypes setRules setClinicRules \
         createVisitType updateVisitType createInsurance updateInsurance setClosedDay removeClosedDay",
    ),
    ("Mutation", "MANAGE_HOURS", "setWorkingHours setDateOverride addTimeOff removeTimeOff"),
    (
        "VisitType",
        "-",
        "id version name durationMinutes bufferBeforeMinutes bufferAfterMinutes active",
    ),
    (
        "BookingRules",
        "-",
        "gridMinutes bufferBeforeMinutes bufferAfterMinutes noticeMinutes horizonDays maxAppointmentsPerDay",
    ),
    (
        "ClinicRules",
        "-",
        "version timeZone gridMinutes bufferBeforeMinutes bufferAfterMinutes noticeMinutes horizonDays \
         maxAppointmentsPerDay patientEarliest patientLatest",
    ),
    ("ClosedDay", "-", "date name"),
    ("DateOverride", "-", "date hours"),
    ("DayHours", "-", "opensAt closesAt"),
    ("TimeOff", "-", "id startsAt endsAt"),
    ("TimeOff", "MANAGE_HOURS", "reason"),
    ("Licence", "-", "id state number validFrom validUntil"),
    ("CreateProviderPayload", "-", "provider affectedAppointments error"),
    ("UpdateProviderPayload", "-", "provider affectedAppointments error"),
    ("SetLicencesPayload", "-", "provider affectedAppointments error"),
    ("SetInsurancesPayload", "-", "provider affectedAppointments error"),
    ("SetProviderVisitTypesPayload", "-", "provider affectedAppointments error"),
    ("SetRulesPayload", "-", "provider affectedAppointments error"),
    ("SetWorkingHoursPayload", "-", "provider affectedAppointments error"),
    ("SetDateOverridePayload", "-", "provider affectedAppointments error"),
    ("AddTimeOffPayload", "-", "provider affectedAppointments error"),
    ("RemoveTimeOffPayload", "-", "provider affectedAppointments error"),
    ("SetClinicRulesPayload", "-", "clinicRules affectedAppointments error"),
    ("CreateVisitTypePayload", "-", "visitType affectedAppointments error"),
    ("UpdateVisitTypePayload", "-", "visitType affectedAppointments error"),
    ("CreateInsurancePayload", "-", "insurance affectedAppointments error"),
    ("UpdateInsurancePayload", "-", "insurance affectedAppointments error"),
    ("SetClosedDayPayload", "-", "closedDay affectedAppointments error"),
    ("RemoveClosedDayPayload", "-", "closedDay affectedAppointments error"),
    ("Query", "-", "usStates"),
    ("UsState", "-", "code name"),
    ("Insurance", "-", "id version name aliases selfPay active"),
    ("InsuranceConnection", "-", "edges nodes pageInfo totalCount"),
    ("InsuranceEdge", "-", "node cursor"),
    ("Subscription", "READ_APPOINTMENTS", "appointmentChanged waitlistChanged"),
    ("Subscription", "READ_SCHEDULE", "rosterChanged"),
    ("RosterEvent", "-", "cursor at kind provider"),
    ("RosterEventConnection", "-", "edges nodes pageInfo totalCount"),
    ("RosterEventEdge", "-", "node cursor"),
    (
        "Mutation",
        "BOOK",
        "bookAppointment cancelAppointment rescheduleAppointment reassignAppointment updateAppointment \
         holdSlot releaseHold bookSeries cancelSeries rescheduleSeries joinWaitlist leaveWaitlist acceptOffer declineOffer",
    ),
    (
        "WaitlistEntry",
        "-",
        "id cursor version status provider state insurance durationMinutes visitType earliest latest weekdays localFrom \
         localUntil insteadOf offers createdAt updatedAt",
    ),
    ("WaitlistEntry", "READ_PATIENTS", "patient"),
    ("WaitlistOffer", "-", "id slot offeredAt expiresAt outcome"),
    ("WaitlistEntryConnection", "-", "edges nodes pageInfo totalCount"),
    ("WaitlistEntryEdge", "-", "node cursor"),
    ("JoinWaitlistPayload", "-", "entry error"),
    ("LeaveWaitlistPayload", "-", "entry error"),
    ("DeclineOfferPayload", "-", "entry error"),
    ("RevokeVisitLinkPayload", "-", "appointment error"),
    ("AcceptOfferPayload", "-", "appointment error"),
    ("AppointmentSeries", "-", "id version rule appointments"),
    ("BookSeriesPayload", "-", "series error"),
    ("CancelSeriesPayload", "-", "series error"),
    ("RescheduleSeriesPayload", "-", "series error"),
    ("Hold", "-", "token expiresAt slot"),
    ("HoldSlotPayload", "-", "hold error"),
    ("ReleaseHoldPayload", "-", "hold error"),
    ("Mutation", "SET_VISIT_STATUS", "setVisitStatus"),
    ("Mutation", "UPDATE_PATIENTS", "updatePatient"),
    ("Mutation", "MERGE_PATIENTS", "mergePatients revokeVisitLink"),
    (
        "Appointment",
        "-",
        "id status scheduled startsAt endsAt durationMinutes localStartsAt patientLocalStartsAt patientTimeZone \
         pendingStartsAt provider state insurance visitType provenance series externalId unsettledOutside version createdAt updatedAt",
    ),
    ("Appointment", "READ_PATIENTS", "patient reason cancelReason"),
    ("Appointment", "READ_HISTORY", "history"),
    (
        "AppointmentChange",
        "-",
        "at kind actor onBehalfOf fromStatus toStatus fromStartsAt toStartsAt fromProvider toProvider overruled",
    ),
    ("AppointmentChange", "READ_PATIENTS", "reason"),
    ("Query", "READ_AUDIT_TRAIL", "auditEvents"),
    (
        "AuditEvent",
        "-",
        "id at kind actor address onBehalfOf operation fields patientIds appointmentIds objectId outcome requestId recipients",
    ),
    ("AuditActor", "-", "kind id name role"),
    ("AuditRecipient", "-", "kind id role address requestId"),
    ("AuditEventConnection", "-", "edges nodes pageInfo totalCount"),
    ("AuditEventEdge", "-", "node cursor"),
    (
        "Patient",
        "-",
        "id name email phone birthDate timeZone reminders version createdAt state insurance",
    ),
    ("Patient", "READ_APPOINTMENTS", "appointments"),
    (
        "Provider",
        "-",
        "id version active reference name credentials timeZone states licences insurances visitTypes rules \
         workingHours schedules overrides timeOff firstAvailable availableSlots",
    ),
    ("Provider", "READ_APPOINTMENTS", "appointments"),
    ("Query", "-", "viewer"),
    ("Query", "MANAGE_ACCESS", "people tokens"),
    ("Query", "MANAGE_FEEDS", "calendarFeeds"),
    ("Mutation", "MANAGE_FEEDS", "createCalendarFeed revokeCalendarFeed"),
    (
        "CalendarFeed",
        "-",
        "id provider name withPatients tellsPatients active owner createdAt revokedAt lastReadAt",
    ),
    ("CreateCalendarFeedPayload", "-", "feed secret url error"),
    ("RevokeCalendarFeedPayload", "-", "feed error"),
    (
        "Mutation",
        "MANAGE_ACCESS",
        "createPerson invitePerson updatePerson disablePerson createToken revokeToken",
    ),
    ("Query", "MERGE_PATIENTS", "mails"),
    ("Mutation", "MERGE_PATIENTS", "resendMail createMailLink"),
    ("Appointment", "MERGE_PATIENTS", "mails"),
    (
        "Mail",
        "-",
        "id at kind status outcome attempts nextAttemptAt settledAt recipient appointment waitlistEntry content",
    ),
    ("MailContent", "-", "subject text html calendar"),
    ("MailConnection", "-", "edges nodes pageInfo totalCount"),
    ("MailEdge", "-", "node cursor"),
    ("ResendMailPayload", "-", "mail error"),
    ("CreateMailLinkPayload", "-", "url error"),
    ("Query", "MANAGE_ROSTER", "webhookEndpoints"),
    (
        "Mutation",
        "MANAGE_ROSTER",
        "createWebhookEndpoint updateWebhookEndpoint deleteWebhookEndpoint rotateWebhookSecret sendTestWebhook \
         replayWebhooks",
    ),
    (
        "WebhookEndpoint",
        "-",
        "id version url kinds active createdAt failingSince switchedOffAt deliveries",
    ),
    (
        "WebhookDelivery",
        "-",
        "id eventId at kind status outcome responseStatus attempts nextAttemptAt",
    ),
    ("WebhookDeliveryConnection", "-", "edges nodes pageInfo totalCount"),
    ("WebhookDeliveryEdge", "-", "node cursor"),
    ("CreateWebhookEndpointPayload", "-", "endpoint secret error"),
    ("UpdateWebhookEndpointPayload", "-", "endpoint error"),
    ("DeleteWebhookEndpointPayload", "-", "endpoint error"),
    ("RotateWebhookSecretPayload", "-", "endpoint secret error"),
    ("SendTestWebhookPayload", "-", "delivery error"),
    ("ReplayWebhooksPayload", "-", "endpoint error"),
    ("Viewer", "-", "kind name role provider permissions"),
    (
        "Person",
        "-",
        "id version name email role provider hasPassword invitedUntil disabledAt createdAt",
    ),
    ("Token", "-", "id name role provider createdAt expiresAt revokedAt lastUsedAt"),
    ("CreatePersonPayload", "-", "person invitation error"),
    ("InvitePersonPayload", "-", "person invitation error"),
    ("UpdatePersonPayload", "-", "person error"),
    ("DisablePersonPayload", "-", "person error"),
    ("CreateTokenPayload", "-", "token secret error"),
    ("RevokeTokenPayload", "-", "token error"),
    ("WorkingHours", "-", "weekday opensAt closesAt effectiveFrom effectiveUntil"),
    ("Slot", "-", "provider startsAt endsAt localStartsAt patientLocalStartsAt patientTimeZone"),
    ("AppointmentEvent", "-", "cursor at kind appointmentId appointment"),
    ("PageInfo", "-", "hasNextPage hasPreviousPage startCursor endCursor"),
    ("AppointmentConnection", "-", "edges nodes pageInfo totalCount"),
    ("AppointmentEdge", "-", "node cursor"),
    ("AppointmentEventConnection", "-", "edges nodes pageInfo totalCount"),
    ("AppointmentEventEdge", "-", "node cursor"),
    ("PatientConnection", "-", "edges nodes pageInfo totalCount"),
    ("PatientEdge", "-", "node cursor"),
    ("ProviderConnection", "-", "edges nodes pageInfo totalCount"),
    ("ProviderEdge", "-", "node cursor"),
    ("BookAppointmentPayload", "-", "appointment similarPatients error"),
    ("CancelAppointmentPayload", "-", "appointment error"),
    ("RescheduleAppointmentPayload", "-", "appointment error"),
    ("SetVisitStatusPayload", "-", "appointment error"),
    ("ReassignAppointmentPayload", "-", "appointment error"),
    ("UpdateAppointmentPayload", "-", "appointment error"),
    ("UpdatePatientPayload", "-", "patient error"),
    ("MergePatientsPayload", "-", "patient error"),
    ("InvalidInput", "-", "code message violations"),
    ("Violation", "-", "field message"),
    ("UnknownName", "-", "code message suggestions"),
    ("ProviderNotEligible", "-", "code message reason"),
    ("BeyondHorizon", "-", "code message horizonEndsAt"),
    ("NoAvailability", "-", "code message searchedUntil"),
    ("NoticeTooShort", "-", "code message earliestStartsAt"),
    ("SlotTaken", "-", "code message alternatives"),
    ("SeriesConflict", "-", "code message occurrences"),
    ("SlotHeld", "-", "code message heldUntil alternatives"),
    ("InBuffer", "-", "code message alternatives"),
    ("PatientDoubleBooked", "-", "code message appointmentIds"),
    ("IllegalTransition", "-", "code message appointmentId allowed"),
    ("VersionConflict", "-", "code message currentVersion"),
    ("RateLimited", "-", "code message retryAfterSeconds"),
    ("PlainError", "-", "code message"),
];

/// What may be nothing where it is asked for by itself, for whoever may see it: a canary stands there elsewhere.
pub(super) const MAY_BE_NOTHING: [&str; 2] =
    ["AppointmentChange.reason", "Appointment.cancelReason"];

/// Fields of what everybody may know of: for whom those of others are not, they are forbidden.
pub(super) const OF_WHAT_ALL_SEE: [&str; 1] = ["TimeOff.reason"];

const WEEK: &str = "from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\"";
const ANY_STATUS: &str = "status: [PENDING, CONFIRMED, CANCELLING, CANCELLED, FAILED, EXPIRED]";

/// What a field is asked with, in brackets. `$VISIT`, `$PATIENT` and `$PROVIDER` are whose the walk asks for.
pub(super) fn arguments(of: &str, field: &Field) -> String {
    let day = "from: \"2027-01-12T00:00:00Z\", to: \"2027-01-12T15:00:00Z\"";
    let given = match (of, field.name.as_str()) {
        ("Query", "node" | "appointment") => "id: \"$VISIT\"".to_owned(),
        ("Query", "patient") => "id: \"$PATIENT\"".to_owned(),
        ("Query", "provider") => "id: \"$PROVIDER\"".to_owned(),
        // Changes alone: whoever reads the trail makes rows of it.
        ("Query", "auditEvents") => "first: 3, kind: [CHANGE]".to_owned(),
        ("Query", "events") => "first: 50".to_owned(),

        ("Query", "availableSlots") => format!("providerId: \"$PROVIDER\", {day}"),
        ("Query", "firstAvailable") => {
            "providerId: \"$PROVIDER\", after: \"2027-01-12T00:00:00Z\"".to_owned()
        }
        ("Query", "explainTime") => {
            "providerId: \"$PROVIDER\", startsAt: \"2027-01-12T14:00:00Z\"".to_owned()
        }
        ("Query", "previewSeries") => {
            let patient =
                "name: \"N\", email: \"n@example.com\", state: \"CT\", insurance: \"Aetna\"";
            // Of which the first can't be: there is nothing without its reason and alternative.
            let times = "\"2027-01-17T15:00:00Z\", \"2027-01-18T15:00:00Z\"";
            format!("input: {{ patient: {{ {patient} }}, times: [{times}] }}")
        }
        ("Query", "matchProviders") => "state: \"CT\", insurance: \"Aetna\"".to_owned(),
        ("Query" | "Provider", "appointments") => format!("{WEEK}, {ANY_STATUS}"),
        ("Patient", "appointments") => ANY_STATUS.to_owned(),
        ("Provider", "availableSlots") => day.to_owned(),
        _ => String::new(),
    };
    assert!(!(field.wants && given.is_empty()), "{of}.{} wants arguments: say which", field.name);
    if given.is_empty() { given } else { format!("({given})") }
}

/// Whether what is asked depends on whose it is.
pub(super) fn is_of_somebody(asked_with: &str) -> bool {
    asked_with.contains('$')
}

/// Every field that has a rule, with its row.
pub(super) fn rules() -> BTreeMap<String, &'static str> {
    let each = FIELDS.iter().flat_map(|(of, row, fields)| {
        fields.split_whitespace().map(move |field| (format!("{of}.{field}"), *row))
    });
    each.collect()
}

/// How what is under that row is told.
pub(super) fn verdict(row: &str, role: Role, whose: Whose) -> Verdict {
    if row == "-" {
        return Verdict::Visible;
    }
    match (letter(row, role), whose) {
        ('A' | 'M', _) | ('O', Whose::Own) => Verdict::Visible,
        ('O', Whose::Others) => Verdict::Hidden,
        _ => Verdict::Forbidden,
    }
}
