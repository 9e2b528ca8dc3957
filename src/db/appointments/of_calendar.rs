//! The visits that a provider's calendar shows.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::row::ListedRow;
use crate::db::engine::{StoreError, to_db};
use crate::db::entity::appointment;
use crate::domain::busy::LONGEST_APPOINTMENT;
use crate::domain::{Appointment, AppointmentStatus, FeedSpan, ProviderId};

/// The visits of a provider in that span by start, at most so many: those that hold their time, and those that were
/// cancelled of late. What was never more than asked for, and was refused or given up, is none; what the scheduling
/// service had confirmed before it was lost is.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn of_calendar(
    conn: &impl ConnectionTrait,
    provider: ProviderId,
    FeedSpan { window, cancelled_since }: FeedSpan,
    limit: u64,
) -> Result<Vec<Appointment>, StoreError> {
    let status = appointment::Column::Status;
    let named = |statuses: &[AppointmentStatus]| {
        status.is_in(statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>())
    };
    let lost = Condition::all()
        .add(named(&[AppointmentStatus::Failed, AppointmentStatus::Expired]))
        .add(appointment::Column::ExternalId.is_not_null());
    let over =
        Condition::all().add(appointment::Column::UpdatedAt.gte(to_db(cancelled_since))).add(
            Condition::any()
                .add(lost)
                .add(named(&[AppointmentStatus::Cancelling, AppointmentStatus::Cancelled])),
        );
    let takes_place: Vec<_> = AppointmentStatus::HOLDING
        .into_iter()
        .filter(|status| *status != AppointmentStatus::Cancelling)
        .collect();
    let earliest = window.starts_at().saturating_sub(LONGEST_APPOINTMENT);
    let earliest = earliest.unwrap_or(window.starts_at());
    let rows = appointment::Entity::find()
        .filter(appointment::Column::ProviderId.eq(provider.uuid()))
        .filter(appointment::Column::StartsAt.gt(to_db(earliest)))
        .filter(appointment::Column::StartsAt.lt(to_db(window.ends_at())))
        .filter(appointment::Column::EndsAt.gt(to_db(window.starts_at())))
        .filter(Condition::any().add(named(&takes_place)).add(over))
        .order_by_asc(appointment::Column::StartsAt)
        .order_by_asc(appointment::Column::Id)
        .limit(limit)
        .into_model::<ListedRow>()
        .all(conn)
        .await?;
    rows.into_iter().map(Appointment::try_from).collect()
}
