//! What a change makes of one of the staff, and what it must not.

use super::command::{UpdatePerson, binding_fault};
use crate::access::{Person, Role};
use crate::db::{Connection, people};
use crate::domain::{EmailAddress, PatientName as Name};
use crate::request::{FieldChange, Refusal};

const LAST_ADMINISTRATOR: Refusal =
    Refusal::InUse("They are the last administrator who can come in: make another one first");

/// The names of what is not as it was, as the schema has them.
pub(super) fn fields_that_differ(before: &Person, after: &Person) -> Vec<&'static str> {
    let differs = [
        ("name", before.name != after.name),
        ("email", before.email != after.email),
        ("role", before.role != after.role),
        ("provider", before.provider_id != after.provider_id),
        ("hasPassword", before.has_password != after.has_password),
        ("invitedUntil", before.invited_until != after.invited_until),
        ("disabledAt", before.disabled_at != after.disabled_at),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// What `command` makes of somebody.
pub(super) fn changed(before: &Person, command: &UpdatePerson) -> Result<Person, Refusal> {
    let after = Person {
        name: command.name.as_ref().map_or(before.name.as_str(), Name::as_str).to_owned(),
        email: command
            .email
            .as_ref()
            .map_or(before.email.as_str(), EmailAddress::as_str)
            .to_owned(),
        role: command.role.unwrap_or(before.role),
        provider_id: match command.provider_id {
            // Nobody but a clinician is bound to a provider.
            FieldChange::Stays => {
                before.provider_id.filter(|_| command.role.is_none_or(|role| role == before.role))
            }
            FieldChange::Cleared => None,
            FieldChange::Is(provider_id) => Some(provider_id),
        },
        // What was sent to the address of before opens nothing to whoever reads it there.
        invited_until: before
            .invited_until
            .filter(|_| command.email.as_ref().is_none_or(|email| email.as_str() == before.email)),
        ..before.clone()
    };
    match binding_fault(after.role, after.provider_id.is_some()) {
        Some(wrong) => Err(Refusal::Invalid(vec![wrong])),
        None => Ok(after),
    }
}

/// Refuses what would leave the clinic without anybody who can let people in.
pub(super) async fn keeps_an_administrator(
    tx: &impl Connection,
    before: &Person,
    after: &Person,
) -> Result<(), Refusal> {
    let is_administrator = |person: &Person| person.role == Role::Admin && person.is_active();
    if !is_administrator(before) || is_administrator(after) {
        return Ok(());
    }
    let others = people::other_administrators(tx, before.id).await?;
    let is_enough = if before.can_sign_in() {
        others.iter().any(Person::can_sign_in)
    } else {
        !others.is_empty()
    };
    if is_enough { Ok(()) } else { Err(LAST_ADMINISTRATOR) }
}
