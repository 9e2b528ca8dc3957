//! The appointments of many providers or patients at once: a page of each by one statement, or a
//! count of each.
//!
//! For each owner the database walks that owner's part of an index from the start of the page and
//! stops at its end. A window function (`row_number() OVER (PARTITION BY …)`) would say the same,
//! but read every appointment of every owner to number it.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, TableRef};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityName, FromQueryResult, Iterable, JoinType,
    Order, QueryFilter, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::row::ListedRow;
use super::{one_page, selection};
use crate::db::engine::{Engine, StoreError};
use crate::db::entity::{appointment, patient, provider};
use crate::domain::{Appointment, AppointmentFilter, AppointmentOwner, AppointmentPosition, Page};

/// What tells the appointments with providers from those of patients.
#[derive(Clone, Copy)]
enum OwnerKind {
    Providers,
    Patients,
}

impl OwnerKind {
    fn table(self) -> TableRef {
        match self {
            Self::Providers => provider::Entity.table_ref(),
            Self::Patients => patient::Entity.table_ref(),
        }
    }

    /// The column of an appointment that names its owner.
    fn column(self) -> appointment::Column {
        match self {
            Self::Providers => appointment::Column::ProviderId,
            Self::Patients => appointment::Column::PatientId,
        }
    }

    fn owner(self, appointment: &Appointment) -> AppointmentOwner {
        match self {
            Self::Providers => AppointmentOwner::Provider(appointment.provider_id),
            Self::Patients => AppointmentOwner::Patient(appointment.patient_id),
        }
    }
}

/// The owners by kind: one statement for each kind there is.
fn by_kind(owners: &[AppointmentOwner]) -> impl Iterator<Item = (OwnerKind, Vec<Uuid>)> {
    let (mut providers, mut patients) = (Vec::new(), Vec::new());
    for owner in owners {
        match owner {
            AppointmentOwner::Provider(id) => providers.push(id.uuid()),
            AppointmentOwner::Patient(id) => patients.push(id.uuid()),
        }
    }
    [(OwnerKind::Providers, providers), (OwnerKind::Patients, patients)]
        .into_iter()
        .filter(|(_, ids)| !ids.is_empty())
}

/// One page of the appointments of each of those owners, by start.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page_of_each(
    conn: &impl ConnectionTrait,
    owners: &[AppointmentOwner],
    filter: &AppointmentFilter,
    page: Page<AppointmentPosition>,
) -> Result<HashMap<AppointmentOwner, Vec<Appointment>>, StoreError> {
    let mut pages: HashMap<AppointmentOwner, Vec<Appointment>> =
        owners.iter().map(|owner| (*owner, Vec::new())).collect();
    for (kind, ids) in by_kind(owners) {
        let one = one_page(filter, page);
        let query = for_each_owner(Engine::of(conn), kind, ids, one);
        let statement = conn.get_database_backend().build(&query);
        for row in ListedRow::find_by_statement(statement).all(conn).await? {
            let appointment = Appointment::try_from(row)?;
            pages.entry(kind.owner(&appointment)).or_default().push(appointment);
        }
    }
    Ok(pages)
}

/// The appointments that `one` selects, for each of the owners, in the order of lists.
fn for_each_owner(
    engine: Engine,
    kind: OwnerKind,
    ids: Vec<Uuid>,
    one: Select<appointment::Entity>,
) -> SelectStatement {
    let (owner, found) = ("owner", "found");
    let of_owner = Expr::col((appointment::Entity, kind.column())).eq(Expr::col((owner, "id")));
    let one = one.filter(of_owner);
    let mut query = Query::select();
    query
        .columns(appointment::Column::iter().map(|column| (found, column)))
        .from_as(kind.table(), owner)
        .and_where(Expr::col((owner, "id")).is_in(ids))
        .order_by((found, appointment::Column::StartsAt), Order::Asc)
        .order_by((found, appointment::Column::Id), Order::Asc);
    match engine {
        Engine::Postgres => {
            query.join_lateral(JoinType::InnerJoin, one.into_query(), found, Expr::cust("TRUE"));
        }
        // No LATERAL here; but a subquery may look out, and CROSS JOIN keeps its order.
        Engine::Sqlite => {
            let ids = one.select_only().column(appointment::Column::Id).into_query();
            query
                .join_as(JoinType::CrossJoin, appointment::Entity, found, Condition::all())
                .and_where(Expr::col((found, appointment::Column::Id)).in_subquery(ids));
        }
    }
    query
}

/// How many appointments each of those owners has.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count_of_each(
    conn: &impl ConnectionTrait,
    owners: &[AppointmentOwner],
    filter: &AppointmentFilter,
) -> Result<HashMap<AppointmentOwner, u64>, StoreError> {
    let mut counts: HashMap<AppointmentOwner, u64> =
        owners.iter().map(|owner| (*owner, 0)).collect();
    for (kind, ids) in by_kind(owners) {
        let rows: Vec<(Uuid, i64)> = selection(filter, None, None)
            .select_only()
            .column(kind.column())
            .column_as(appointment::Column::Id.count(), "appointments")
            .filter(kind.column().is_in(ids))
            .group_by(kind.column())
            .into_tuple()
            .all(conn)
            .await?;
        for (id, count) in rows {
            let owner = match kind {
                OwnerKind::Providers => AppointmentOwner::Provider(id.into()),
                OwnerKind::Patients => AppointmentOwner::Patient(id.into()),
            };
            counts.insert(owner, u64::try_from(count).unwrap_or_default());
        }
    }
    Ok(counts)
}
