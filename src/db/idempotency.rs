//! Idempotency keys, claimed in the transaction that commits the effect: a request that
//! committed nothing keeps no key.

use jiff::{SignedDuration, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, TryInsertResult};

use super::engine::{StoreError, to_db};
use super::entity::idempotency_key;
use crate::domain::{
    AppointmentId, CalendarFeedId, LateRefusal, MailId, PatientId, PayerId, PersonId, ProviderId,
    SeriesId, StayedVisit, TokenId, VisitTypeId, WaitlistEntryId, WebhookDeliveryId,
    WebhookEndpointId,
};

/// The version of an appointment that was just booked.
pub const FIRST_VERSION: i32 = 1;

/// How long a key is kept: 30 days.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a key was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Tells one request from another.
    pub request_hash: String,
    /// What the request wrote.
    pub made: Made,
    /// Why what the request began was not done in the end; none while it may be, or when it was.
    pub refusal: Option<LateRefusal>,
}

/// What a request wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An appointment, and the version of it that the request made; that is not known of requests
    /// before it was kept.
    Appointment(AppointmentId, Option<i32>),
    /// A hold, or the end of one, by the id that the visit has that it becomes.
    Hold(AppointmentId),
    /// A series of visits, or a change of one.
    Series(SeriesId),
    /// A place on the waitlist, or a change of one.
    WaitlistEntry(WaitlistEntryId),
    /// What is known of a patient.
    Patient(PatientId),
    /// One of the clinic's staff.
    Person(PersonId),
    /// A token of a machine.
    Token(TokenId),
    /// A calendar feed.
    CalendarFeed(CalendarFeedId),
    /// A provider.
    Provider(ProviderId),
    /// An insurance.
    Insurance(PayerId),
    /// A kind of visit.
    VisitType(VisitTypeId),
    /// A program that is told what happens, or a change of one.
    WebhookEndpoint(WebhookEndpointId),
    /// A trial of what such a program is told.
    WebhookDelivery(WebhookDeliveryId),
    /// A mail that was sent again, or linked to.
    Mail(MailId),
    /// Something of the clinic's that there is one of.
    Clinic,
}

/// What stands for the one clinic.
const CLINIC: &str = "clinic";

impl Made {
    /// What the roster calls it: the id of what there are several of.
    pub fn object(&self) -> Option<String> {
        match self {
            Self::Provider(id) => Some(id.to_string()),
            Self::Insurance(id) => Some(id.to_string()),
            Self::VisitType(id) => Some(id.to_string()),
            _ => None,
        }
    }

    /// What has no column of its own, by the id that the world knows.
    fn named(text: &str) -> Result<Self, StoreError> {
        // What follows is about visits of a series.
        let id = text.split(' ').next().unwrap_or_default();
        let person = id.parse().map(Self::Person);
        let made = person
            .or_else(|_other| id.parse().map(Self::Token))
            .or_else(|_other| id.parse().map(Self::CalendarFeed))
            .or_else(|_other| id.parse().map(Self::Provider))
            .or_else(|_other| id.parse().map(Self::Insurance))
            .or_else(|_other| id.parse().map(Self::VisitType))
            .or_else(|_other| id.parse().map(Self::Series))
            .or_else(|_other| id.parse().map(Self::WaitlistEntry))
            .or_else(|_other| id.parse().map(Self::WebhookEndpoint))
            .or_else(|_other| id.parse().map(Self::WebhookDelivery))
            .or_else(|_other| id.parse().map(Self::Mail))
            .or_else(|_other| id.parse().map(Self::Hold));
        let made = if id == CLINIC { Ok(Self::Clinic) } else { made };
        made.map_err(|_unknown| StoreError::unreadable("idempotency key"))
    }
}

/// What the key was used for, if it was.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    scope: &str,
    key: &str,
) -> Result<Option<Claim>, StoreError> {
    let row =
        idempotency_key::Entity::find_by_id((scope.to_owned(), key.to_owned())).one(conn).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Claim {
        request_hash: row.request_hash,
        made: match (row.appointment_id, row.patient_id, row.made_id) {
            (Some(id), _, _) => Made::Appointment(id.into(), row.appointment_version),
            (None, Some(id), _) => Made::Patient(id.into()),
            (None, None, Some(id)) => Made::named(&id)?,
            (None, None, None) => return Err(StoreError::unreadable("idempotency key")),
        },
        refusal: row.refusal.as_deref().map(refusal_named).transpose()?,
    }))
}

fn refusal_named(name: &str) -> Result<LateRefusal, StoreError> {
    name.parse().map_err(|_unknown| StoreError::unreadable("refusal"))
}

/// Claims the key. `Ok(false)` when a committed request has it; one that is about to commit is
/// waited for, up to the lock time-out.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn claim(
    tx: &impl ConnectionTrait,
    scope: &str,
    key: &str,
    claim: &Claim,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (mut appointment, mut appointment_version, mut patient, mut made) =
        (None, None, None, None);
    match claim.made {
        Made::Appointment(id, version) => {
            (appointment, appointment_version) = (Some(id.uuid()), version);
        }
        Made::Patient(id) => patient = Some(id.uuid()),
        // No reference to it: the key outlives the hold, and is not free again when that lapses.
        Made::Hold(id) => made = Some(id.to_string()),
        Made::Series(id) => made = Some(id.to_string()),
        Made::WaitlistEntry(id) => made = Some(id.to_string()),
        Made::WebhookEndpoint(id) => made = Some(id.to_string()),
        Made::WebhookDelivery(id) => made = Some(id.to_string()),
        Made::Mail(id) => made = Some(id.to_string()),
        Made::Person(id) => made = Some(id.to_string()),
        Made::Token(id) => made = Some(id.to_string()),
        Made::CalendarFeed(id) => made = Some(id.to_string()),
        Made::Provider(id) => made = Some(id.to_string()),
        Made::Insurance(id) => made = Some(id.to_string()),
        Made::VisitType(id) => made = Some(id.to_string()),
        Made::Clinic => made = Some(CLINIC.to_owned()),
    }
    let row = idempotency_key::ActiveModel {
        scope: Set(scope.to_owned()),
        key: Set(key.to_owned()),
        request_hash: Set(claim.request_hash.clone()),
        appointment_id: Set(appointment),
        created_at: Set(to_db(now)),
        appointment_version: Set(appointment_version),
        patient_id: Set(patient),
        made_id: Set(made),
        refusal: Set(claim.refusal.map(|refusal| refusal.as_str().to_owned())),
    };
    let inserted = idempotency_key::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(tx)
        .await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}

/// Notes that the scheduling service would not move these visits of a series, as the request with this key had
/// asked for: a repeat of it is told so.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note_stayed(
    tx: &impl ConnectionTrait,
    (scope, key): (&str, &str),
    id: SeriesId,
    stayed: &[StayedVisit],
) -> Result<(), StoreError> {
    let stayed = stayed.iter().map(ToString::to_string);
    let with_them: Vec<String> = std::iter::once(id.to_string()).chain(stayed).collect();
    idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::Refusal, LateRefusal::Refused.as_str().into())
        .col_expr(idempotency_key::Column::MadeId, with_them.join(" ").into())
        .filter(idempotency_key::Column::Scope.eq(scope))
        .filter(idempotency_key::Column::Key.eq(key))
        .exec(tx)
        .await?;
    Ok(())
}

/// The visits of a series that the scheduling service would not move, as the request with this key had asked for.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn stayed(
    conn: &impl ConnectionTrait,
    scope: &str,
    key: &str,
) -> Result<Vec<StayedVisit>, StoreError> {
    let row =
        idempotency_key::Entity::find_by_id((scope.to_owned(), key.to_owned())).one(conn).await?;
    let made = row.and_then(|row| row.made_id).unwrap_or_default();
    let read = |one: &str| one.parse().map_err(|_other| StoreError::unreadable("idempotency key"));
    made.split(' ').skip(1).map(read).collect()
}

/// Lets a key that this request has claimed for the appointment `refused` point to another one, whose first
/// version the request makes. `Ok(false)` when it does not point to that any more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn point_to(
    tx: &impl ConnectionTrait,
    scope: &str,
    key: &str,
    (refused, appointment_id): (AppointmentId, AppointmentId),
) -> Result<bool, StoreError> {
    let updated = idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::AppointmentId, appointment_id.uuid().into())
        .col_expr(idempotency_key::Column::AppointmentVersion, FIRST_VERSION.into())
        .col_expr(idempotency_key::Column::Refusal, Expr::value(Option::<String>::None))
        .filter(idempotency_key::Column::Scope.eq(scope))
        .filter(idempotency_key::Column::Key.eq(key))
        .filter(idempotency_key::Column::AppointmentId.eq(refused.uuid()))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Notes that what the request began that made this version of an appointment was not done: a repeat
/// of it is told so.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note_refusal(
    tx: &impl ConnectionTrait,
    appointment_id: AppointmentId,
    appointment_version: i32,
    refusal: LateRefusal,
) -> Result<(), StoreError> {
    idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::Refusal, refusal.as_str().into())
        .filter(idempotency_key::Column::AppointmentId.eq(appointment_id.uuid()))
        .filter(idempotency_key::Column::AppointmentVersion.eq(appointment_version))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets the keys that are older than 30 days.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_old(tx: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StoreError> {
    let before = now.saturating_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
    let deleted = idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::CreatedAt.lt(to_db(before)))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected)
}
