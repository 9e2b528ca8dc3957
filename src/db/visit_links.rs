//! Patients' links: what each opens, by the hash of its token.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait as _,
};

use super::engine::{StoreError, from_db, to_db};
use super::entity::visit_link::{ActiveModel, Column, Entity, Model};
use super::entity::{appointment, waitlist_entry, waitlist_offer};
use crate::domain::{AppointmentId, LinkTarget, PatientId, VisitLink};

/// Writes new ones, each with the hash of its token.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    links: &[(VisitLink, [u8; 32])],
) -> Result<(), StoreError> {
    let row = |(link, token_hash): &(VisitLink, [u8; 32])| {
        let (appointment, offer) = match link.target {
            LinkTarget::Visit(id) => (Some(id.uuid()), None),
            LinkTarget::Offer(id) => (None, Some(id.uuid())),
        };
        ActiveModel {
            id: Set(link.id),
            token_hash: Set(token_hash.to_vec()),
            appointment_id: Set(appointment),
            offer_id: Set(offer),
            address_hash: Set(link.address_hash.clone()),
            created_at: Set(to_db(link.created_at)),
            revoked_at: Set(link.revoked_at.map(to_db)),
        }
    };
    for some in links.chunks(100) {
        Entity::insert_many(some.iter().map(row)).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The link whose token hashes to that, whether or not it opens anything.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn by_token(
    conn: &impl ConnectionTrait,
    token_hash: &[u8],
) -> Result<Option<VisitLink>, StoreError> {
    let has_it = Column::TokenHash.eq(token_hash.to_vec());
    Entity::find().filter(has_it).one(conn).await?.map(VisitLink::try_from).transpose()
}

/// Has the links of a visit, and those of the offers that lead to it, open nothing any more; says of how many that was
/// new.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn revoke_of(
    tx: &impl ConnectionTrait,
    appointment: AppointmentId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    revoke(tx, leads_to(appointment), now).await
}

/// Has all links of a patient open nothing any more: those of their visits, and of what they are offered.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn revoke_of_patient(
    tx: &impl ConnectionTrait,
    patient: PatientId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let visits = appointment::Entity::find()
        .select_only()
        .column(appointment::Column::Id)
        .filter(appointment::Column::PatientId.eq(patient.uuid()));
    let is_theirs = Condition::any()
        .add(Column::AppointmentId.in_subquery(visits.into_query()))
        .add(is_of_entries(waitlist_entry::Column::PatientId.eq(patient.uuid())));
    revoke(tx, is_theirs, now).await
}

async fn revoke(
    tx: &impl ConnectionTrait,
    which: Condition,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let revoked = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(to_db(now)))
        .filter(which)
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(revoked.rows_affected)
}

/// Links that open a visit, and those of offers that lead on to it once they are answered: the offer that was booked has
/// the visit's id, and others are made in its place.
fn leads_to(appointment: AppointmentId) -> Condition {
    Condition::any()
        .add(Column::AppointmentId.eq(appointment.uuid()))
        .add(Column::OfferId.eq(appointment.uuid()))
        .add(is_of_entries(waitlist_entry::Column::InsteadOf.eq(appointment.uuid())))
}

/// Links to what those entries of the waitlist were offered.
fn is_of_entries(which: SimpleExpr) -> SimpleExpr {
    let entries = waitlist_entry::Entity::find()
        .select_only()
        .column(waitlist_entry::Column::Id)
        .filter(which);
    let offers = waitlist_offer::Entity::find()
        .select_only()
        .column(waitlist_offer::Column::Id)
        .filter(waitlist_offer::Column::EntryId.in_subquery(entries.into_query()));
    Column::OfferId.in_subquery(offers.into_query())
}

/// Whether any link opens a visit or leads on to it, as far as it was not revoked.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn any_opens(
    conn: &impl ConnectionTrait,
    appointment: AppointmentId,
) -> Result<bool, StoreError> {
    let kept = Entity::find()
        .filter(leads_to(appointment))
        .filter(Column::RevokedAt.is_null())
        .one(conn)
        .await?;
    Ok(kept.is_some())
}

/// Forgets those made before a moment that open nothing any more: of visits that were over then, and of offers.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove_old(tx: &impl ConnectionTrait, before: Timestamp) -> Result<(), StoreError> {
    let over = appointment::Entity::find()
        .select_only()
        .column(appointment::Column::Id)
        .filter(appointment::Column::EndsAt.lt(to_db(before)));
    let answered = waitlist_offer::Entity::find()
        .select_only()
        .column(waitlist_offer::Column::Id)
        .filter(waitlist_offer::Column::Outcome.is_not_null());
    let opens_nothing = Condition::any()
        .add(Column::AppointmentId.in_subquery(over.into_query()))
        .add(Column::OfferId.in_subquery(answered.into_query()));
    Entity::delete_many()
        .filter(Column::CreatedAt.lt(to_db(before)))
        .filter(opens_nothing)
        .exec(tx)
        .await?;
    Ok(())
}

impl TryFrom<Model> for VisitLink {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let target = match (row.appointment_id, row.offer_id) {
            (Some(id), None) => LinkTarget::Visit(id.into()),
            (None, Some(id)) => LinkTarget::Offer(id.into()),
            _ => return Err(StoreError::unreadable("target of a patient's link")),
        };
        Ok(Self {
            id: row.id,
            target,
            address_hash: row.address_hash,
            created_at: from_db(row.created_at)?,
            revoked_at: row.revoked_at.map(from_db).transpose()?,
        })
    }
}
