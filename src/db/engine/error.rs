//! What can go wrong in the database, sorted by what to do about it.
//!
//! A database's own words never leave this file, nor a driver's: they can quote what is stored.

use sea_orm::{DbErr, RuntimeErr, sqlx};

use super::trouble;

/// What [`Tx`](super::tx::Tx) says of a transaction in which a statement has failed.
pub(super) const TRANSACTION_FAILED: &str = "the transaction has failed";
/// Why nothing is written to a file of `SQLite` that is not in its place.
pub(super) const FILE_LOST: &str = "its file was deleted or replaced while it is open";

/// A database error. `Display` is for operators and holds no row's content.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A rule against overlapping appointments refused the write.
    #[error("an overlapping appointment exists")]
    Overlap,
    /// Another appointment has that outside id.
    #[error("another appointment has that outside id")]
    ExternalIdTaken,
    /// Lost a race that the database broke: run the whole transaction again.
    #[error("lost a race in the database ({0})")]
    Contended(String),
    /// Gone, too busy, full, read-only or damaged: whoever runs it is told what to do.
    #[error("the database is not available ({0})")]
    Unavailable(String),
    /// The connection was lost before anything was committed: run the whole transaction again.
    #[error("the connection to the database was lost ({0})")]
    Lost(String),
    /// It can't be set up; the words say why, and what to do.
    #[error("{0}")]
    NotSetUp(String),
    /// The connection was lost in COMMIT: it may have taken effect.
    #[error("the outcome of a commit is not known ({0})")]
    CommitUnknown(String),
    /// What a row was to refer to is not there any more.
    #[error("what it refers to is gone ({0})")]
    Dangling(String),
    /// A bug of ours, or a schema that is not ours.
    #[error("the database refused ({0})")]
    Internal(String),
}

impl StoreError {
    /// Whether running the whole transaction again may succeed.
    pub fn is_contended(&self) -> bool {
        matches!(self, Self::Contended(_) | Self::Lost(_))
    }

    /// Whether the connection is gone, and nothing was committed.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Lost(_))
    }

    /// Whether a table is asked for that is not there.
    pub(super) fn is_missing_table(&self) -> bool {
        matches!(self, Self::Unavailable(cause) if cause.starts_with("42P01") || cause.starts_with("1:"))
    }

    /// The code that the database gave.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Unavailable(cause) => cause.split_once(": ").map(|(code, _)| code),
            _ => None,
        }
    }

    /// Whether somebody else held a lock for too long.
    pub fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Unavailable(cause) if cause.starts_with("55P03"))
    }

    /// Whether the file of the database is not the one that is open.
    pub fn is_file_lost(&self) -> bool {
        matches!(self, Self::Unavailable(cause) if cause == FILE_LOST)
    }

    pub(super) fn during_commit(self) -> Self {
        match self {
            Self::Unavailable(cause) | Self::Lost(cause) => Self::CommitUnknown(cause),
            other => other,
        }
    }

    /// A row that our own code can't have written.
    pub(in crate::db) fn unreadable(what: &str) -> Self {
        Self::Internal(format!("unreadable {what}"))
    }

    pub(super) fn from_sqlx(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::from_database(error.as_ref()),
            sqlx::Error::Io(error) => Self::Lost(format!("I/O: {}", error.kind())),
            sqlx::Error::PoolTimedOut => Self::Unavailable("no free connection in time".to_owned()),
            sqlx::Error::PoolClosed => Self::Unavailable("shutting down".to_owned()),
            sqlx::Error::WorkerCrashed => Self::Lost("connection worker gone".to_owned()),
            sqlx::Error::Tls(_) => Self::Unavailable("TLS".to_owned()),
            sqlx::Error::Protocol(_) => Self::Unavailable("protocol".to_owned()),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Internal(format!("column {index} can't be decoded"))
            }
            sqlx::Error::ColumnNotFound(name) => Self::Internal(format!("no column {name}")),
            sqlx::Error::TypeNotFound { type_name } => {
                Self::Internal(format!("no type {type_name}"))
            }
            other => Self::Internal(kind(other).to_owned()),
        }
    }

    /// By SQLSTATE on PostgreSQL, by result code on SQLite; the code is all that is kept.
    fn from_database(error: &dyn sqlx::error::DatabaseError) -> Self {
        let code = error.code().unwrap_or_default().into_owned();
        let named_by_trigger = || error.message().ends_with("_no_overlap");
        match code.as_str() {
            "23P01" => Self::Overlap,
            "1811" if named_by_trigger() => Self::Overlap,
            "23505" if error.constraint() == Some("appointment_external_id_key") => {
                Self::ExternalIdTaken
            }
            "2067" if error.message().ends_with(": appointment.external_id") => {
                Self::ExternalIdTaken
            }
            // Deadlock, serialization failure; SQLITE_BUSY_SNAPSHOT.
            "40P01" | "40001" | "517" => Self::Contended(code),
            // An older server, which takes no lock for it, has just made the same patient.
            "23505" if error.constraint() == Some("patient_identity_key") => Self::Contended(code),
            "23503" | "787" => Self::Dangling(code),
            _ if trouble::ended_the_connection(&code) => Self::Lost(code),
            _ if trouble::is_missing_on_sqlite(&code, error.message()) => {
                Self::Unavailable(format!("{code}: a table of ours is missing"))
            }
            other => match trouble::words(other) {
                Some(words) => Self::Unavailable(format!("{code}: {words}")),
                None => {
                    let by = error.constraint().map(|name| format!(", constraint {name}"));
                    Self::Internal(format!("code {code}{}", by.unwrap_or_default()))
                }
            },
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::Conn(RuntimeErr::SqlxError(source))
            | DbErr::Exec(RuntimeErr::SqlxError(source))
            | DbErr::Query(RuntimeErr::SqlxError(source)) => Self::from_sqlx(source),
            DbErr::ConnectionAcquire(_) => {
                Self::Unavailable("no free connection in time".to_owned())
            }
            DbErr::Conn(_) => Self::Unavailable("no connection".to_owned()),
            DbErr::Custom(text) if text == TRANSACTION_FAILED => Self::Internal(text.clone()),
            DbErr::TryIntoErr { into, .. } => Self::Internal(format!("not a {into}")),
            other => Self::Internal(library_kind(other).to_owned()),
        }
    }
}

/// What went wrong in the driver, in words of our own: its own may quote what is stored.
fn kind(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Configuration(_) | sqlx::Error::ConfigFile(_) => "configuration",
        sqlx::Error::InvalidArgument(_) => "invalid argument",
        sqlx::Error::RowNotFound => "no row",
        sqlx::Error::ColumnIndexOutOfBounds { .. } => "column out of bounds",
        sqlx::Error::Encode(_) => "a value can't be encoded",
        sqlx::Error::Decode(_) => "a value can't be decoded",
        sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed => "no transaction",
        _ => "driver",
    }
}

/// What went wrong in the library, in words of our own.
fn library_kind(error: &DbErr) -> &'static str {
    match error {
        DbErr::Type(_) => "a value of another type",
        DbErr::Json(_) => "a value that is not JSON",
        DbErr::RecordNotFound(_) => "no row",
        DbErr::RecordNotInserted => "no row inserted",
        DbErr::RecordNotUpdated => "no row updated",
        DbErr::AttrNotSet(_) => "a column without a value",
        DbErr::Exec(_) | DbErr::Query(_) => "statement",
        DbErr::Migration(_) => "migration",
        _ => "library",
    }
}
