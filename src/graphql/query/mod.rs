//! Queries, a file a part of them. A bad argument is an error of its own field, which is null then:
//! the rest of the answer stands.

mod access;
mod appointments;
mod audit;
mod events;
mod feeds;
mod find;
mod forms;
mod mail;
mod nodes;
mod patients;
mod providers;
mod reasons;
mod series;
mod slots;
mod waitlist;
mod webhooks;

use async_graphql::MergedObject;

use self::access::AccessQuery;
use self::appointments::AppointmentsQuery;
use self::audit::AuditQuery;
use self::events::EventQuery;
use self::feeds::FeedQuery;
use self::forms::FormQuery;
use self::mail::MailQuery;
use self::nodes::NodeQuery;
use self::patients::PatientQuery;
use self::providers::ProviderQuery;
use self::reasons::ReasonQuery;
use self::series::SeriesQuery;
use self::slots::SlotQuery;
use self::waitlist::WaitlistQuery;
use self::webhooks::WebhookQuery;

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    ProviderQuery,
    AppointmentsQuery,
    EventQuery,
    PatientQuery,
    SlotQuery,
    ReasonQuery,
    SeriesQuery,
    WaitlistQuery,
    WebhookQuery,
    MailQuery,
    AccessQuery,
    AuditQuery,
    FeedQuery,
    FormQuery,
);
