//! Lists of rows, by time.

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use super::row::{entry_in, selected};
use crate::db::engine::{Engine, StoreError, to_db};
use crate::domain::audit::{AuditFilter, AuditPosition, SEALS_A_BLOCK, StoredAuditEntry};
use crate::domain::{AuditEventId, Page, PersonId, TokenId};

/// Conditions with what is bound in them.
struct Conditions {
    engine: Engine,
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn of(engine: Engine, filter: &AuditFilter) -> Self {
        let mut conditions = Self { engine, sql: Vec::new(), values: Vec::new() };
        if let Some(id) = &filter.actor_id {
            conditions.by(id);
        }
        if let Some(id) = &filter.object_id {
            conditions.of_object(id);
        }
        if let Some(patient) = filter.patient {
            conditions.about("patients", patient.uuid());
        }
        if let Some(appointment) = filter.appointment {
            conditions.about("appointments", appointment.uuid());
        }
        if let Some(kinds) = &filter.kinds {
            let bound: Vec<String> =
                kinds.iter().map(|kind| conditions.bind(kind.as_str().to_owned())).collect();
            // None of no kind: an empty list is no list in SQL.
            let list = if bound.is_empty() { "NULL".to_owned() } else { bound.join(", ") };
            conditions.sql.push(format!("event.kind IN ({list})"));
        }
        if let Some(from) = filter.from {
            let from = conditions.bind(to_db(from));
            conditions.sql.push(format!("event.at >= {from}"));
        }
        if let Some(to) = filter.to {
            let to = conditions.bind(to_db(to));
            conditions.sql.push(format!("event.at < {to}"));
        }
        conditions
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        let number = self.values.len();
        match self.engine {
            Engine::Postgres => format!("${number}"),
            Engine::Sqlite => format!("?{number}"),
        }
    }

    /// The rows of those blocks in which somebody occurs.
    fn blocks_of(&mut self, subject: Uuid) -> String {
        let subject = self.bind(subject);
        format!(
            "SELECT seal.event FROM audit_subject AS subject JOIN audit_seal AS seal
                 ON seal.seq BETWEEN subject.block * {SEALS_A_BLOCK}
                                 AND subject.block * {SEALS_A_BLOCK} + {SEALS_A_BLOCK} - 1
              WHERE subject.subject = {subject}"
        )
    }

    fn about(&mut self, column: &str, id: Uuid) {
        let blocks = self.blocks_of(id);
        let bytes = self.bind(id.into_bytes().to_vec());
        let holds = match self.engine {
            Engine::Postgres => format!("position({bytes} IN event.{column}) > 0"),
            Engine::Sqlite => format!("instr(event.{column}, {bytes}) > 0"),
        };
        self.sql.push(format!("event.number IN ({blocks}) AND {holds}"));
    }

    /// That changed somebody or a token.
    fn of_object(&mut self, id: &str) {
        let object = self.bind(id.to_owned());
        let blocks = caller_uuid(id).map(|uuid| self.blocks_of(uuid));
        let blocks = blocks.map(|blocks| format!("event.number IN ({blocks}) AND "));
        self.sql.push(format!("{}event.object_id = {object}", blocks.unwrap_or_default()));
    }

    /// Done by somebody, or told to them.
    fn by(&mut self, id: &str) {
        let did = self.bind(id.to_owned());
        let Some(uuid) = caller_uuid(id) else {
            self.sql.push(format!("event.actor_id = {did}"));
            return;
        };
        let blocks = self.blocks_of(uuid);
        let told = self.bind(format!("%{id}%"));
        self.sql.push(format!(
            "event.number IN (SELECT number FROM audit_event WHERE actor_id = {did} UNION {blocks})
             AND (event.actor_id = {did} OR event.recipients LIKE {told})"
        ));
    }

    fn clause(&self) -> String {
        if self.sql.is_empty() { "true".to_owned() } else { self.sql.join(" AND ") }
    }

    fn statement(self, conn: &impl ConnectionTrait, sql: String) -> Statement {
        Statement::from_sql_and_values(conn.get_database_backend(), sql, self.values)
    }
}

/// The id of a person or a token.
fn caller_uuid(id: &str) -> Option<Uuid> {
    let person = id.parse::<PersonId>().map(PersonId::uuid).ok();
    person.or_else(|| id.parse::<TokenId>().map(TokenId::uuid).ok())
}

/// One page of rows, by time.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: &AuditFilter,
    page: Page<AuditPosition>,
) -> Result<Vec<StoredAuditEntry>, StoreError> {
    let engine = Engine::of(conn);
    let mut conditions = Conditions::of(engine, filter);
    for (position, is) in [(page.after, ">"), (page.before, "<")] {
        if let Some(position) = position {
            let at = conditions.bind(to_db(position.at));
            let number = conditions.bind(position.number);
            conditions.sql.push(format!("(event.at, event.number) {is} ({at}, {number})"));
        }
    }
    let order = if page.backward { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {} FROM audit_event AS event WHERE {} ORDER BY event.at {order}, event.number {order} LIMIT {}",
        selected("event"),
        conditions.clause(),
        page.limit
    );
    let rows = conn.query_all_raw(conditions.statement(conn, sql)).await?;
    let mut found =
        rows.iter().map(|row| entry_in(row, 0, engine)).collect::<Result<Vec<_>, StoreError>>()?;
    if page.backward {
        found.reverse();
    }
    Ok(found)
}

/// How many rows there are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(conn: &impl ConnectionTrait, filter: &AuditFilter) -> Result<u64, StoreError> {
    let conditions = Conditions::of(Engine::of(conn), filter);
    let sql = format!("SELECT count(*) FROM audit_event AS event WHERE {}", conditions.clause());
    let row = conn.query_one_raw(conditions.statement(conn, sql)).await?;
    let count: i64 = row.ok_or_else(|| StoreError::unreadable("count"))?.try_get_by_index(0)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The row of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: AuditEventId,
) -> Result<Option<StoredAuditEntry>, StoreError> {
    let sql = format!("SELECT {} FROM audit_event AS event WHERE event.id = $1", selected("event"));
    let values = [id.uuid().into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let row = conn.query_one_raw(statement).await?;
    row.map(|row| entry_in(&row, 0, Engine::of(conn))).transpose()
}
