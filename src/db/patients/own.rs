//! A provider's own patients: who have or had a visit with them.

use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::db::entity::{appointment, patient};
use crate::domain::{AppointmentStatus, ProviderId};

/// Visits that came about.
fn visits() -> Select<appointment::Entity> {
    let never = AppointmentStatus::NEVER_CAME_ABOUT.map(AppointmentStatus::as_str);
    appointment::Entity::find().select_only().filter(appointment::Column::Status.is_not_in(never))
}

/// Whether a patient is that provider's own, asked of a few: by the visits of each patient.
pub(super) fn is_own(provider: ProviderId) -> SimpleExpr {
    let column = |column| Expr::col((appointment::Entity, column));
    let of_patient = column(appointment::Column::PatientId)
        .eq(Expr::col((patient::Entity, patient::Column::Id)));
    // No bare column, or SQLite might take the index of the provider, who has many more visits.
    let with = || column(appointment::Column::ProviderId);
    let with_provider = Expr::expr(Func::coalesce([with(), with()])).eq(provider.uuid());
    let visit = visits().expr(Expr::value(1)).filter(of_patient).filter(with_provider);
    Expr::exists(visit.into_query())
}

/// The same, asked of all patients there are: by the visits of the provider.
pub(super) fn is_among_own(provider: ProviderId) -> SimpleExpr {
    let visits = visits()
        .column(appointment::Column::PatientId)
        .filter(appointment::Column::ProviderId.eq(provider.uuid()));
    patient::Column::Id.in_subquery(visits.into_query())
}
