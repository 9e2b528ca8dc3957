//! What each mutation and each route is asked with, and what it answers whoever may.

/// Each mutation: what it is asked with, and the code it answers whoever may. Nothing is changed by any.
pub(super) const MUTATIONS: &[(&str, &str, &str)] = &[
    (
        "bookAppointment",
        "patientId: \"$PATIENT\", startsAt: \"2020-01-06T15:00:00Z\"",
        "TIME_IN_PAST",
    ),
    ("holdSlot", "providerId: \"$PROVIDER\", startsAt: \"2020-01-06T15:00:00Z\"", "TIME_IN_PAST"),
    (
        "bookSeries",
        "patient: { name: \"N\", email: \"n@example.com\", state: \"CT\", insurance: \"Aetna\" }, times: [\"2020-01-06T15:00:00Z\"]",
        "SERIES_CONFLICT",
    ),
    (
        "rescheduleSeries",
        "id: \"ser_00000000000000000000000000\", localTime: \"10:00\"",
        "NOT_FOUND",
    ),
    ("cancelSeries", "id: \"ser_00000000000000000000000000\"", "NOT_FOUND"),
    ("joinWaitlist", "patientId: \"$PATIENT\", latest: \"2020-01-06T15:00:00Z\"", "INVALID_INPUT"),
    ("leaveWaitlist", "id: \"wle_00000000000000000000000000\"", "NOT_FOUND"),
    ("acceptOffer", "id: \"wle_00000000000000000000000000\"", "NOT_FOUND"),
    ("declineOffer", "id: \"wle_00000000000000000000000000\"", "NOT_FOUND"),
    (
        "createCalendarFeed",
        "providerId: \"prv_00000000000000000000000000\", withPatients: true",
        "NOT_FOUND",
    ),
    ("revokeVisitLink", "appointmentId: \"apt_00000000000000000000000000\"", "NOT_FOUND"),
    ("revokeCalendarFeed", "id: \"cal_00000000000000000000000000\"", "NOT_FOUND"),
    ("releaseHold", "token: \"clh_made_up\"", "HOLD_EXPIRED"),
    ("cancelAppointment", "id: \"$VISIT\", expectedVersion: 1000", "VERSION_CONFLICT"),
    (
        "rescheduleAppointment",
        "id: \"$VISIT\", startsAt: \"2027-01-20T15:00:00Z\", expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "reassignAppointment",
        "id: \"$VISIT\", providerId: \"$PROVIDER\", expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "setVisitStatus",
        "id: \"$VISIT\", status: CHECKED_IN, expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    ("updateAppointment", "id: \"$VISIT\", expectedVersion: 1000", "VERSION_CONFLICT"),
    (
        "updatePatient",
        "id: \"$PATIENT\", phone: \"1234567\", expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "mergePatients",
        "keepId: \"$PATIENT\", mergeId: \"$SHARED\", expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "createPerson",
        "name: \"N\", email: \"n@example.com\", role: CLINICIAN, providerId: \"prv_00000000000000000000000000\"",
        "NOT_FOUND",
    ),
    ("createProvider", "name: \"N\", timeZone: \"UTC\", insurances: [\"Nope\"]", "INVALID_INPUT"),
    ("updateProvider", "id: \"$PROVIDER\", name: \"N\", expectedVersion: 1000", "VERSION_CONFLICT"),
    (
        "setLicences",
        "providerId: \"$PROVIDER\", licences: [], expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "setInsurances",
        "providerId: \"$PROVIDER\", insurances: [], expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "setProviderVisitTypes",
        "providerId: \"$PROVIDER\", visitTypeIds: [], expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    ("setRules", "providerId: \"$PROVIDER\", rules: {}, expectedVersion: 1000", "VERSION_CONFLICT"),
    (
        "setWorkingHours",
        "providerId: \"$PROVIDER\", workingHours: [], expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "setDateOverride",
        "providerId: \"$PROVIDER\", date: \"2027-02-01\", expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    (
        "addTimeOff",
        "providerId: \"$PROVIDER\", startsAt: \"2027-02-01T00:00:00Z\", endsAt: \"2027-02-02T00:00:00Z\", expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    ("removeTimeOff", "id: \"off_00000000000000000000000000\"", "NOT_FOUND"),
    ("setClinicRules", "rules: {}, expectedVersion: 1000", "VERSION_CONFLICT"),
    ("createVisitType", "name: \"Intake\", durationMinutes: 30", "ALREADY_EXISTS"),
    ("updateVisitType", "id: \"vtp_00000000000000000000000000\"", "NOT_FOUND"),
    ("createInsurance", "name: \"Aetna\"", "ALREADY_EXISTS"),
    ("updateInsurance", "id: \"ins_00000000000000000000000000\"", "NOT_FOUND"),
    (
        "setClosedDay",
        "date: \"2027-02-01\", name: \"N\", expectedVersion: 1000",
        "VERSION_CONFLICT",
    ),
    ("removeClosedDay", "date: \"2027-02-01\", expectedVersion: 1000", "VERSION_CONFLICT"),
    ("invitePerson", "id: \"per_00000000000000000000000000\"", "NOT_FOUND"),
    ("updatePerson", "id: \"per_00000000000000000000000000\", name: \"N\"", "NOT_FOUND"),
    ("disablePerson", "id: \"per_00000000000000000000000000\"", "NOT_FOUND"),
    (
        "createToken",
        "name: \"N\", role: CLINICIAN, providerId: \"prv_00000000000000000000000000\"",
        "NOT_FOUND",
    ),
    ("revokeToken", "id: \"tok_00000000000000000000000000\"", "NOT_FOUND"),
    ("resendMail", "id: \"mai_00000000000000000000000000\"", "NOT_FOUND"),
    ("createMailLink", "id: \"mai_00000000000000000000000000\"", "NOT_FOUND"),
    ("createWebhookEndpoint", "url: \"https://127.0.0.1/\"", "INVALID_INPUT"),
    ("updateWebhookEndpoint", "id: \"whe_00000000000000000000000000\"", "NOT_FOUND"),
    ("deleteWebhookEndpoint", "id: \"whe_00000000000000000000000000\"", "NOT_FOUND"),
    ("rotateWebhookSecret", "id: \"whe_00000000000000000000000000\"", "NOT_FOUND"),
    ("sendTestWebhook", "endpointId: \"whe_00000000000000000000000000\"", "NOT_FOUND"),
    (
        "replayWebhooks",
        "endpointId: \"whe_00000000000000000000000000\", after: \"evt_000000000000\"",
        "NOT_FOUND",
    ),
];

/// Mutations of a provider, whom everybody may know of: those of others are told as forbidden, not as what does
/// not exist.
pub(super) const OF_A_PROVIDER: [&str; 5] =
    ["setWorkingHours", "setDateOverride", "addTimeOff", "reassignAppointment", "holdSlot"];

/// Each route: its method and path, the row it is under, the query or body it is asked with, and what it
/// answers whoever may.
pub(super) const ROUTES: &[(&str, &str, &str, u16)] = &[
    (
        "get /appointments",
        "READ_APPOINTMENTS",
        "?from=2027-01-11&to=2027-01-17&status=PENDING,CONFIRMED,CANCELLING,CANCELLED,FAILED,EXPIRED",
        200,
    ),
    ("get /appointment/{id}", "READ_APPOINTMENTS", "", 200),
    ("get /appointment/{id}.ics", "READ_APPOINTMENTS", "", 200),
    ("get /patients", "READ_PATIENTS", "", 200),
    ("get /providers", "READ_SCHEDULE", "", 200),
    ("get /insurances", "READ_SCHEDULE", "", 200),
    ("get /slots", "READ_SCHEDULE", "?provider_id=$PROVIDER&to=2027-01-12", 200),
    ("get /appointments/first-available", "READ_SCHEDULE", "?provider_id=$PROVIDER", 200),
    (
        "post /appointment",
        "BOOK",
        r#"{"patient_id":"$PATIENT","time":"2020-01-06T15:00:00Z"}"#,
        422,
    ),
    (
        "post /hold",
        "BOOK",
        r#"{"state":"CT","insurance":"Aetna","time":"2020-01-06T15:00:00Z"}"#,
        422,
    ),
    ("delete /hold/{token}", "BOOK", "", 409),
    ("post /appointment/{id}/cancel", "BOOK", r#"{"expected_version":1000}"#, 409),
    (
        "post /appointment/{id}/reschedule",
        "BOOK",
        r#"{"time":"2027-01-20T15:00:00Z","expected_version":1000}"#,
        409,
    ),
    (
        "post /appointment/{id}/status",
        "SET_VISIT_STATUS",
        r#"{"status":"CHECKED_IN","expected_version":1000}"#,
        409,
    ),
];

/// Routes that show nothing of patients, and that whoever comes in asks for themselves; and the one that a secret
/// opens and no caller, whose tests are in `calendar`.
pub(super) const OF_THE_CALLER: [&str; 5] = [
    "get /session",
    "post /session",
    "delete /session",
    "post /session/password",
    "get /calendar/{token}.ics",
];
