//! A row of the trail, to the database and back, exactly: what was edited past us must not be read as if
//! it were as it was.

use std::borrow::Cow;

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::db::engine::{Engine, StoreError, to_db};
use crate::domain::audit::{
    AuditEntry, AuditKind, AuditedCaller, AuditedChange, Mac, StoredAuditEntry,
};
use crate::domain::{AppointmentId, AuditEventId, PatientId};

/// All columns but the number, in the order in which they are written and read.
pub(super) const COLUMNS: [&str; 24] = [
    "id",
    "at",
    "kind",
    "actor_kind",
    "actor_id",
    "actor_name",
    "actor_role",
    "actor_address",
    "behalf_kind",
    "behalf_id",
    "behalf_name",
    "behalf_role",
    "operation",
    "fields",
    "patients",
    "appointments",
    "changed_appointment",
    "version_before",
    "version_after",
    "outcome",
    "request_id",
    "recipients",
    "object_id",
    "mac",
];

/// The columns to read, of the table under that name: the number first.
pub(super) fn selected(table: &str) -> String {
    let columns = COLUMNS.map(|column| format!(", {table}.{column}"));
    format!("{table}.number{}", columns.concat())
}

/// The values of the columns.
pub(super) fn values(entry: &AuditEntry, mac: &Mac) -> Vec<Value> {
    let behalf = entry.on_behalf_of.as_ref();
    let change = entry.change;
    let text = |text: &str| Value::from(text.to_owned());
    let of_behalf = |of: fn(&AuditedCaller) -> Option<String>| Value::from(behalf.and_then(of));
    vec![
        entry.id.uuid().into(),
        to_db(entry.at).into(),
        text(entry.kind.as_str()),
        text(&entry.actor.kind),
        entry.actor.id.clone().into(),
        entry.actor.name.clone().into(),
        text(&entry.actor.role),
        entry.address.clone().into(),
        of_behalf(|caller| Some(caller.kind.clone().into_owned())),
        of_behalf(|caller| caller.id.clone()),
        of_behalf(|caller| caller.name.clone()),
        of_behalf(|caller| Some(caller.role.clone().into_owned())),
        text(&entry.operation),
        text(&entry.fields),
        bytes_of(entry.patients.iter().map(|id| id.uuid())).into(),
        bytes_of(entry.appointments.iter().map(|id| id.uuid())).into(),
        change.map(|change| change.appointment.uuid()).into(),
        change.map(|change| change.version_before).into(),
        change.map(|change| change.version_after).into(),
        text(&entry.outcome),
        entry.request_id.clone().into(),
        text(&entry.recipients),
        entry.object.clone().into(),
        mac.to_vec().into(),
    ]
}

/// What is bound in place of a row that is not there.
pub(super) fn no_values() -> Vec<Value> {
    let text = || Value::from(None::<String>);
    vec![
        Value::from(None::<Uuid>),
        Value::from(None::<DateTimeUtc>),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        text(),
        Value::from(None::<Vec<u8>>),
        Value::from(None::<Vec<u8>>),
        Value::from(None::<Uuid>),
        Value::from(None::<i32>),
        Value::from(None::<i32>),
        text(),
        text(),
        text(),
        text(),
        Value::from(None::<Vec<u8>>),
    ]
}

fn bytes_of(ids: impl Iterator<Item = Uuid>) -> Vec<u8> {
    ids.flat_map(Uuid::into_bytes).collect()
}

fn ids_in<T: From<Uuid>>(bytes: &[u8]) -> Result<Vec<T>, StoreError> {
    let (ids, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(unreadable());
    }
    Ok(ids.iter().map(|id| Uuid::from_bytes(*id).into()).collect())
}

pub(super) fn mac_in(bytes: &[u8]) -> Result<Mac, StoreError> {
    bytes.try_into().map_err(|_another_length| unreadable())
}

pub(super) fn unreadable() -> StoreError {
    StoreError::unreadable("audit row")
}

/// An instant as it is stored, to the last digit.
pub(super) fn instant_in(
    row: &QueryResult,
    index: usize,
    engine: Engine,
) -> Result<Timestamp, StoreError> {
    let stored: DateTimeUtc = row.try_get_by_index(index)?;
    if engine == Engine::Sqlite {
        let text: String = row.try_get_by_index(index)?;
        if text != stored.format("%Y-%m-%dT%H:%M:%S+00:00").to_string() {
            return Err(unreadable());
        }
    }
    Timestamp::from_microsecond(stored.timestamp_micros()).map_err(|_out_of_range| unreadable())
}

/// The row whose number is the column at `first`.
pub(super) fn entry_in(
    row: &QueryResult,
    first: usize,
    engine: Engine,
) -> Result<StoredAuditEntry, StoreError> {
    let text =
        |index: usize| -> Result<String, StoreError> { Ok(row.try_get_by_index(first + index)?) };
    let maybe = |index: usize| -> Result<Option<String>, StoreError> {
        Ok(row.try_get_by_index(first + index)?)
    };
    let bytes =
        |index: usize| -> Result<Vec<u8>, StoreError> { Ok(row.try_get_by_index(first + index)?) };
    let id: Uuid = row.try_get_by_index(first + 1)?;
    let behalf = match (maybe(9)?, maybe(12)?) {
        (Some(kind), Some(role)) => Some(AuditedCaller {
            kind: Cow::Owned(kind),
            id: maybe(10)?,
            name: maybe(11)?,
            role: Cow::Owned(role),
        }),
        (None, None) if maybe(10)?.is_none() && maybe(11)?.is_none() => None,
        _ => return Err(unreadable()),
    };
    let changed: Option<Uuid> = row.try_get_by_index(first + 17)?;
    let before: Option<i32> = row.try_get_by_index(first + 18)?;
    let after: Option<i32> = row.try_get_by_index(first + 19)?;
    let change = match (changed, before, after) {
        (Some(id), Some(version_before), Some(version_after)) => Some(AuditedChange {
            appointment: AppointmentId::from(id),
            version_before,
            version_after,
        }),
        (None, None, None) => None,
        _ => return Err(unreadable()),
    };
    Ok(StoredAuditEntry {
        number: row.try_get_by_index(first)?,
        entry: AuditEntry {
            id: AuditEventId::from(id),
            at: instant_in(row, first + 2, engine)?,
            kind: text(3)?.parse::<AuditKind>().map_err(|_unknown| unreadable())?,
            actor: AuditedCaller {
                kind: Cow::Owned(text(4)?),
                id: maybe(5)?,
                name: maybe(6)?,
                role: Cow::Owned(text(7)?),
            },
            address: maybe(8)?,
            on_behalf_of: behalf,
            operation: Cow::Owned(text(13)?),
            fields: text(14)?,
            patients: ids_in::<PatientId>(&bytes(15)?)?,
            appointments: ids_in::<AppointmentId>(&bytes(16)?)?,
            change,
            outcome: Cow::Owned(text(20)?),
            request_id: maybe(21)?,
            recipients: text(22)?,
            object: maybe(23)?,
        },
        mac: mac_in(&bytes(24)?)?,
    })
}
