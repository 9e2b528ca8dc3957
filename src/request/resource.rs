//! What a request names by an id.

/// Something that an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A provider.
    Provider,
    /// An appointment.
    Appointment,
    /// An appointment whose time is not to be in the way of another.
    InsteadOf,
    /// A series of visits.
    Series,
    /// A place on the waitlist.
    WaitlistEntry,
    /// A patient.
    Patient,
    /// One of the clinic's staff.
    Person,
    /// A token of a machine.
    Token,
    /// A calendar feed.
    CalendarFeed,
    /// A kind of visit.
    VisitType,
    /// An insurance.
    Insurance,
    /// Time that a provider takes off.
    TimeOff,
    /// A program that is told what happens.
    WebhookEndpoint,
    /// A mail to a patient.
    Mail,
}

impl Resource {
    /// The word for it in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Appointment | Self::InsteadOf => "appointment",
            Self::Series => "series",
            Self::WaitlistEntry => "entry of the waitlist",
            Self::Patient => "patient",
            Self::Person => "person",
            Self::Token => "token",
            Self::CalendarFeed => "calendar feed",
            Self::VisitType => "visit type",
            Self::Insurance => "insurance",
            Self::TimeOff => "time off",
            Self::WebhookEndpoint => "webhook endpoint",
            Self::Mail => "mail",
        }
    }
}
