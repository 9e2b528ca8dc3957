//! Whether a write would be taken: what readiness asks.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::database::Db;
use super::error::StoreError;
use super::integrity;
use super::kind::Engine;

/// A file of `SQLite` that was written to within that time is not written to for the question alone.
const PROOF_LASTS: Duration = Duration::from_mins(1);

/// Of the tables whose names are given: which right to which of them is lacking, and to which sequence that
/// numbers their rows, by which it is known how far rows may still come.
const POSTGRES: &str = "
    SELECT CASE
        WHEN pg_is_in_recovery() THEN '25006: it is a standby, which takes no writes'
        WHEN current_setting('transaction_read_only') = 'on'
            THEN '25006: default_transaction_read_only is on, so it takes no writes'
        WHEN lacking IS NOT NULL
            THEN '42501: the role that clinic connects as lacks ' || lacking || ': as the owner of the \
                  tables, GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO that role; \
                  GRANT SELECT ON ALL SEQUENCES IN SCHEMA … TO that role'
        END
      FROM (SELECT string_agg(what || ' on ' || name, ', ' ORDER BY name, place) AS lacking
              FROM (SELECT name, what, place
                      FROM unnest(string_to_array($1, ',')) name, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'])
                           WITH ORDINALITY AS rights (what, place)
                     WHERE NOT has_table_privilege(to_regclass(name), what)
                    UNION ALL
                    SELECT sequence.relname, 'SELECT', 0
                      FROM unnest(string_to_array($1, ',')) name
                      JOIN pg_depend ON refclassid = 'pg_class'::regclass AND refobjid = to_regclass(name)
                           AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
                      JOIN pg_class AS sequence ON sequence.oid = objid
                     WHERE CASE sequence.relkind WHEN 'S' THEN NOT has_sequence_privilege(sequence.oid, 'SELECT') END
                   ) AS of_each) lacking";

impl Db {
    /// Whether a write would be taken, asked on the connection that is kept for it. Nothing is
    /// written for that, unless on `SQLite` a write has just failed for a reason that may last.
    ///
    /// # Errors
    ///
    /// [`StoreError`], which says why not.
    pub async fn takes_writes(&self) -> Result<(), StoreError> {
        match self.engine() {
            Engine::Postgres => self.postgres_takes_writes().await?,
            Engine::Sqlite => self.sqlite_takes_writes(false).await?,
        }
        self.signs.trouble().map_or(Ok(()), |cause| Err(StoreError::Unavailable(cause)))
    }

    /// The same, with something really written to a file of `SQLite` that nobody has written to for
    /// a minute: only that finds a disk that has become full.
    ///
    /// # Errors
    ///
    /// Those of [`takes_writes`](Self::takes_writes).
    pub async fn proves_to_take_writes(&self) -> Result<(), StoreError> {
        if self.engine() == Engine::Sqlite {
            self.sqlite_takes_writes(!self.signs.stored_within(PROOF_LASTS)).await?;
        }
        self.takes_writes().await
    }

    async fn postgres_takes_writes(&self) -> Result<(), StoreError> {
        let tables = integrity::tables(Engine::Postgres).join(",");
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, POSTGRES, [tables.into()]);
        let row = self.apart.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| StoreError::unreadable("state"))?;
        let refused: Option<String> = row.try_get_by_index(0)?;
        refused.map_or(Ok(()), |cause| Err(StoreError::Unavailable(cause)))
    }

    async fn sqlite_takes_writes(&self, prove: bool) -> Result<(), StoreError> {
        let store = prove || self.signs.trouble().is_some();
        // Whether the files are those that are open is seen here.
        let tx = self.begin().await?;
        if let Some(file) = self.rules.file() {
            let file = file.log();
            let opened = tokio::task::spawn_blocking(move || can_be_written(&file)).await;
            opened.unwrap_or(Err(ErrorKind::Other)).map_err(|kind| {
                let words = "14: its file can't be opened for writing";
                StoreError::Unavailable(format!("{words}: {kind}"))
            })?;
        }
        // One page with what is there already: a file that was opened for reading alone refuses it.
        let asked = Statement::from_string(tx.get_database_backend(), "PRAGMA user_version");
        let row = tx.query_one_raw(asked).await?;
        let row = row.ok_or_else(|| StoreError::unreadable("version"))?;
        let version: i32 = row.try_get_by_index(0)?;
        tx.execute_unprepared(&format!("PRAGMA user_version = {version}")).await?;
        if store { tx.commit().await } else { tx.roll_back().await }
    }
}

/// Opens a file for appending, and closes it: a folder or disk that has become read-only refuses
/// that, and so does a file that is gone.
///
/// Never that of the database itself: whoever closes a file lets go of every lock that the process has
/// on it, those of `SQLite` too. Another process would then take itself for the last that has it open,
/// and delete the log that this one goes on writing.
fn can_be_written(file: &Path) -> Result<(), ErrorKind> {
    OpenOptions::new().append(true).open(file).map(drop).map_err(|error| error.kind())
}
