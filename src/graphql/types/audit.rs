//! The audit trail.

use std::fmt;
use std::str::FromStr;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::instant::DateTime;
use crate::access::Actor;
use crate::domain::audit::{AuditFilter, AuditPosition, AuditedCaller, StoredAuditEntry};
use crate::graphql::error::ApiError;
use crate::graphql::{actor, services};

/// What kind of thing a row of the audit trail tells.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "AuditEventKind", remote = "crate::domain::audit::AuditKind")]
pub(in crate::graphql) enum AuditEventKindEnum {
    /// Something was changed, or was to be: `outcome` says what came of it.
    Change,
    /// An answer that showed patients' data.
    Read,
    /// Somebody began to follow what happens.
    LiveBegin,
    /// An event that showed patients' data was told to those who follow: `recipients` says to whom.
    LiveEvent,
    /// They followed no further.
    LiveEnd,
}

/// Somebody who did something.
#[derive(SimpleObject, Clone)]
#[graphql(name = "AuditActor")]
pub(in crate::graphql) struct AuditActorObject {
    /// PERSON, TOKEN, `API_TOKEN`, EVERYBODY (access was open), OPERATOR (a command), SYSTEM (the server in
    /// the background), or NOBODY (who was not let in).
    kind: String,
    /// The id of the person or the token; null for others.
    id: Option<ID>,
    /// What the person or the token was called then; null for others.
    name: Option<String>,
    /// What they were to the clinic then: a role, or NONE of nobody.
    role: String,
}

impl From<AuditedCaller> for AuditActorObject {
    fn from(caller: AuditedCaller) -> Self {
        let AuditedCaller { kind, id, name, role } = caller;
        Self { kind: kind.into_owned(), id: id.map(ID), name, role: role.into_owned() }
    }
}

/// Somebody who was told of an event.
#[derive(SimpleObject, Clone)]
#[graphql(name = "AuditRecipient")]
pub(in crate::graphql) struct AuditRecipientObject {
    /// What kind of caller, as of an `AuditActor`.
    kind: String,
    /// The id of the person or the token; null for others.
    id: Option<ID>,
    /// What they were to the clinic then.
    role: String,
    /// From which address they followed.
    address: Option<String>,
    /// How the log names the request by which they followed.
    request_id: Option<String>,
}

impl AuditRecipientObject {
    /// One line of a row.
    fn of(line: &str) -> Self {
        let mut words = line.split(' ').map(|word| Some(word.to_owned()).filter(|it| it != "-"));
        let mut next = || words.next().flatten();
        let (kind, id, role) = (next(), next(), next());
        let (kind, role) = (kind.unwrap_or_default(), role.unwrap_or_default());
        Self { kind, id: id.map(ID), role, address: next(), request_id: next() }
    }
}

/// `AuditEvent` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct AuditEventObject(pub(in crate::graphql) Box<StoredAuditEntry>);

/// A row of the audit trail: who did what with whose data. It has names and ids, and never a value.
#[Object(name = "AuditEvent")]
impl AuditEventObject {
    /// Identifies the row; opaque, begins with `aud_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.entry.id.to_string())
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.entry.at)
    }

    /// What kind of thing it tells.
    async fn kind(&self) -> AuditEventKindEnum {
        self.0.entry.kind.into()
    }

    /// Who did it.
    async fn actor(&self) -> AuditActorObject {
        self.0.entry.actor.clone().into()
    }

    /// From which address; null for what was done on the server itself.
    async fn address(&self) -> Option<&str> {
        self.0.entry.address.as_deref()
    }

    /// For whom the server did it in the background, where that is known.
    async fn on_behalf_of(&self) -> Option<AuditActorObject> {
        self.0.entry.on_behalf_of.clone().map(Into::into)
    }

    /// What was done: a mutation, the root fields of a query, a method and a path of REST, a command, or
    /// signIn, signInByProvider, signOut, setPassword, linkPerson.
    async fn operation(&self) -> &str {
        &self.0.entry.operation
    }

    /// The names of the fields that were changed or shown.
    async fn fields(&self) -> Vec<&str> {
        self.0.entry.fields.split_whitespace().collect()
    }

    /// Whose data.
    async fn patient_ids(&self) -> Vec<ID> {
        self.0.entry.patients.iter().map(|id| ID(id.to_string())).collect()
    }

    /// Which appointments.
    async fn appointment_ids(&self) -> Vec<ID> {
        self.0.entry.appointments.iter().map(|id| ID(id.to_string())).collect()
    }

    /// The person, token, provider, insurance or visit type that was changed, or was to be; of a sign-in the
    /// person, where there is such an account. Null of everything else.
    async fn object_id(&self) -> Option<ID> {
        self.0.entry.object.clone().map(ID)
    }

    /// OK; UNCHANGED when there was nothing to change; REPLAYED when an earlier request with the same key
    /// had done it; or the code of the error.
    async fn outcome(&self) -> &str {
        &self.0.entry.outcome
    }

    /// How the log names the request.
    async fn request_id(&self) -> Option<&str> {
        self.0.entry.request_id.as_deref()
    }

    /// Whom an event was told to; of other rows empty.
    async fn recipients(&self) -> Vec<AuditRecipientObject> {
        self.0.entry.recipients.lines().map(AuditRecipientObject::of).collect()
    }
}

/// A position as clients see it.
struct Cursor(AuditPosition);

impl Cursor {
    fn of(row: &StoredAuditEntry) -> Self {
        Self(AuditPosition { at: row.entry.at, number: row.number })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}{:012x}", self.0.at.as_second(), self.0.number)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (at, number) = text.split_at_checked(12).filter(|_| is_hex).ok_or(())?;
        let parsed = |digits| i64::from_str_radix(digits, 16).map_err(|_not_hexadecimal| ());
        let at = jiff::Timestamp::from_second(parsed(at)?).map_err(|_out_of_range| ())?;
        Ok(Self(AuditPosition { at, number: parsed(number)? }))
    }
}

impl Shown for AuditEventObject {
    /// It names ids, and nothing of a patient.
    fn note(&self, _actor: &Actor) {}
}

/// What a list of rows was asked for.
struct Filter(AuditFilter);

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(services(context).trail.count_events(actor(context), &self.0).await?)
    }
}

connection!(
    AuditEventConnection "AuditEventConnection",
    AuditEventEdge "AuditEventEdge",
    AuditEventObject,
    "row of the audit trail",
    |node: &AuditEventObject| Cursor::of(&node.0).to_string()
);

impl AuditEventConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        filter: AuditFilter,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let page = arguments.page(|cursor| cursor.parse::<Cursor>().ok().map(|cursor| cursor.0))?;
        let found = services(context).trail.events(actor(context), &filter, page).await?;
        let (found, page_info) = arguments.cut(found, |row| Cursor::of(row).to_string());
        let nodes = found.into_iter().map(Box::new).map(AuditEventObject).collect();
        Ok(Self { nodes, page_info, filter: Filter(filter) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        let at = jiff::Timestamp::from_second(1_800_000_000).unwrap();
        let position = AuditPosition { at, number: 77 };
        let cursor = Cursor(position).to_string();
        assert_eq!(cursor.parse::<Cursor>().map(|cursor| cursor.0), Ok(position));
        for garbage in
            ["", "1", &cursor[1..], "zzzzzzzzzzzzzzzzzzzzzzzz", "ffffffffffff00000000004d"]
        {
            assert!(garbage.parse::<Cursor>().is_err(), "{garbage}");
        }
    }

    #[test]
    fn a_recipient_is_read_from_its_line() {
        let one = AuditRecipientObject::of("EVERYBODY - ADMIN 127.0.0.1 abc");
        assert_eq!((one.kind.as_str(), one.id, one.role.as_str()), ("EVERYBODY", None, "ADMIN"));
        assert_eq!(
            (one.address.as_deref(), one.request_id.as_deref()),
            (Some("127.0.0.1"), Some("abc"))
        );
    }
}
