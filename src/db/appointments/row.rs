//! A row of an appointment, and what it means.

use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use crate::db::engine::{StoreError, from_db, slot_from_db, to_db};
use crate::db::entity::appointment;
use crate::domain::{
    Appointment, AppointmentStatus, Overruling, Policy, Provenance, Reassignment, UsState,
    VisitTypeId,
};

/// The row of an appointment.
pub(super) fn active_model(appointment: &Appointment) -> appointment::ActiveModel {
    let (reassigning, overruled) = (appointment.reassigning, &appointment.overruled);
    appointment::ActiveModel {
        id: Set(appointment.id.uuid()),
        provider_id: Set(appointment.provider_id.uuid()),
        patient_id: Set(appointment.patient_id.uuid()),
        starts_at: Set(to_db(appointment.slot.starts_at())),
        ends_at: Set(to_db(appointment.slot.ends_at())),
        move_starts_at: Set(appointment.moving_to.map(|slot| to_db(slot.starts_at()))),
        move_ends_at: Set(appointment.moving_to.map(|slot| to_db(slot.ends_at()))),
        reassign_provider_id: Set(reassigning.map(|to| to.provider_id.uuid())),
        reassign_starts_at: Set(reassigning.map(|to| to_db(to.slot.starts_at()))),
        reassign_ends_at: Set(reassigning.map(|to| to_db(to.slot.ends_at()))),
        status: Set(appointment.status.as_str().to_owned()),
        ends_as: Set(appointment.ends_as.map(|status| status.as_str().to_owned())),
        version: Set(appointment.version),
        state: Set(appointment.state.code().to_owned()),
        insurance_id: Set(appointment.payer_id.uuid()),
        visit_type_id: Set(appointment.visit_type_id.map(VisitTypeId::uuid)),
        reason: Set(appointment.reason.clone()),
        cancel_reason: Set(appointment.cancel_reason.clone()),
        external_id: Set(appointment.external_id.clone()),
        kept_here: Set(appointment.kept_here),
        unsettled_outside: Set(appointment.unsettled_outside),
        provenance: Set(appointment.provenance.map(|door| door.as_str().to_owned())),
        overruled: Set(overruled.as_deref().map(rules_to_db)),
        overrule_reason: Set(overruled.as_ref().and_then(|overruled| overruled.reason.clone())),
        overruled_in: Set(overruled.as_ref().map(|overruled| overruled.in_version)),
        created_at: Set(to_db(appointment.created_at)),
        updated_at: Set(to_db(appointment.updated_at)),
    }
}

/// A row as lists read it: by the places of its columns, which are all there are, in the order of the entity. To
/// look for each by its name takes longer than to read it.
pub(super) struct ListedRow(appointment::Model);

impl FromQueryResult for ListedRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        let mut places = 0..;
        let mut next = || places.next().unwrap_or_default();
        Ok(Self(appointment::Model {
            id: row.try_get_by_index(next())?,
            provider_id: row.try_get_by_index(next())?,
            patient_id: row.try_get_by_index(next())?,
            starts_at: row.try_get_by_index(next())?,
            ends_at: row.try_get_by_index(next())?,
            move_starts_at: row.try_get_by_index(next())?,
            move_ends_at: row.try_get_by_index(next())?,
            reassign_provider_id: row.try_get_by_index(next())?,
            reassign_starts_at: row.try_get_by_index(next())?,
            reassign_ends_at: row.try_get_by_index(next())?,
            status: row.try_get_by_index(next())?,
            ends_as: row.try_get_by_index(next())?,
            version: row.try_get_by_index(next())?,
            state: row.try_get_by_index(next())?,
            insurance_id: row.try_get_by_index(next())?,
            visit_type_id: row.try_get_by_index(next())?,
            reason: row.try_get_by_index(next())?,
            cancel_reason: row.try_get_by_index(next())?,
            external_id: row.try_get_by_index(next())?,
            kept_here: row.try_get_by_index(next())?,
            unsettled_outside: row.try_get_by_index(next())?,
            provenance: row.try_get_by_index(next())?,
            overruled: row.try_get_by_index(next())?,
            overrule_reason: row.try_get_by_index(next())?,
            overruled_in: row.try_get_by_index(next())?,
            created_at: row.try_get_by_index(next())?,
            updated_at: row.try_get_by_index(next())?,
        }))
    }
}

impl TryFrom<ListedRow> for Appointment {
    type Error = StoreError;

    fn try_from(ListedRow(row): ListedRow) -> Result<Self, Self::Error> {
        row.try_into()
    }
}

impl TryFrom<appointment::Model> for Appointment {
    type Error = StoreError;

    fn try_from(row: appointment::Model) -> Result<Self, Self::Error> {
        let status = |name: &str| {
            name.parse::<AppointmentStatus>().map_err(|_unknown| StoreError::unreadable("status"))
        };
        let moving_to = match (row.move_starts_at, row.move_ends_at) {
            (Some(starts_at), Some(ends_at)) => Some(slot_from_db(starts_at, ends_at)?),
            _ => None,
        };
        let reassigning = reassignment(&row)?;
        let overruled = overruling(&row)?;
        let provenance = row.provenance.as_deref().map(|door| {
            door.parse::<Provenance>().map_err(|_unknown| StoreError::unreadable("provenance"))
        });
        Ok(Self {
            id: row.id.into(),
            provider_id: row.provider_id.into(),
            patient_id: row.patient_id.into(),
            slot: slot_from_db(row.starts_at, row.ends_at)?,
            moving_to,
            reassigning,
            status: status(&row.status)?,
            ends_as: row.ends_as.as_deref().map(status).transpose()?,
            version: row.version,
            state: UsState::parse(&row.state)
                .map_err(|_unknown| StoreError::unreadable("state"))?,
            payer_id: row.insurance_id.into(),
            visit_type_id: row.visit_type_id.map(Into::into),
            reason: row.reason,
            cancel_reason: row.cancel_reason,
            external_id: row.external_id,
            kept_here: row.kept_here,
            unsettled_outside: row.unsettled_outside,
            provenance: provenance.transpose()?,
            overruled,
            created_at: from_db(row.created_at)?,
            updated_at: from_db(row.updated_at)?,
        })
    }
}

fn reassignment(row: &appointment::Model) -> Result<Option<Reassignment>, StoreError> {
    let span = row.reassign_starts_at.zip(row.reassign_ends_at);
    let to = row.reassign_provider_id.zip(span);
    to.map(|(provider_id, (starts_at, ends_at))| {
        let slot = slot_from_db(starts_at, ends_at)?;
        Ok(Reassignment { provider_id: provider_id.into(), slot })
    })
    .transpose()
}

fn overruling(row: &appointment::Model) -> Result<Option<Box<Overruling>>, StoreError> {
    let Some((rules, in_version)) = row.overruled.as_deref().zip(row.overruled_in) else {
        return Ok(None);
    };
    let rules = rules_from_db(rules)?;
    let reason = row.overrule_reason.clone();
    Ok(Some(Box::new(Overruling { rules, reason, in_version })))
}

fn rules_to_db(overruled: &Overruling) -> String {
    let names: Vec<&str> = overruled.rules.iter().map(|rule| rule.as_str()).collect();
    names.join(",")
}

/// Rules as they are stored: their codes, with commas between.
///
/// # Errors
///
/// [`StoreError`] for another text.
pub(in crate::db) fn rules_from_db(text: &str) -> Result<Vec<Policy>, StoreError> {
    let rules = text.split(',').map(str::parse::<Policy>);
    rules.collect::<Result<_, _>>().map_err(|_unknown| StoreError::unreadable("overruled rule"))
}
