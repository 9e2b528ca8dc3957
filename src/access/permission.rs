//! What can be allowed or forbidden: a row of the table each.

/// One thing that some may do and others not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See providers, free times, who matches, and why not.
    ReadSchedule,
    /// See visits, what happens to them, and who waits for one.
    ReadAppointments,
    /// See patients, the patient of a visit, and every free text of it.
    ReadPatients,
    /// Correct a patient.
    UpdatePatients,
    /// Merge patients, see kept mail, revoke a visit's link.
    MergePatients,
    /// Make and revoke calendar feeds.
    ManageFeeds,
    /// Book, move, cancel, hold; series and waitlist too.
    Book,
    /// Pass what is the clinic's policy: hours, buffers, notice and the like.
    Overrule,
    /// Say that a patient has come, was seen, or never came.
    SetVisitStatus,
    /// Change hours, overrides and time off, and see its reasons.
    ManageHours,
    /// Change providers, licences, payers, visit types, rules, webhooks.
    ManageRoster,
    /// Say who may come in: people and tokens.
    ManageAccess,
    /// See the history of a visit.
    ReadHistory,
    /// See the audit trail.
    ReadAuditTrail,
}

impl Permission {
    /// Every permission, in the order of the table.
    pub const ALL: [Self; 14] = [
        Self::ReadSchedule,
        Self::ReadAppointments,
        Self::ReadPatients,
        Self::UpdatePatients,
        Self::MergePatients,
        Self::ManageFeeds,
        Self::Book,
        Self::Overrule,
        Self::SetVisitStatus,
        Self::ManageHours,
        Self::ManageRoster,
        Self::ManageAccess,
        Self::ReadHistory,
        Self::ReadAuditTrail,
    ];

    /// The permission as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadSchedule => "READ_SCHEDULE",
            Self::ReadAppointments => "READ_APPOINTMENTS",
            Self::ReadPatients => "READ_PATIENTS",
            Self::UpdatePatients => "UPDATE_PATIENTS",
            Self::MergePatients => "MERGE_PATIENTS",
            Self::ManageFeeds => "MANAGE_FEEDS",
            Self::Book => "BOOK",
            Self::Overrule => "OVERRULE",
            Self::SetVisitStatus => "SET_VISIT_STATUS",
            Self::ManageHours => "MANAGE_HOURS",
            Self::ManageRoster => "MANAGE_ROSTER",
            Self::ManageAccess => "MANAGE_ACCESS",
            Self::ReadHistory => "READ_HISTORY",
            Self::ReadAuditTrail => "READ_AUDIT_TRAIL",
        }
    }
}
