//! What a migration does to those who use the database meanwhile. Each declares it beside its code, and a
//! test compares that with what the engines really lock and read.

use sea_orm_migration::prelude::*;

/// A migration that says what it does.
pub trait Step: MigrationTrait {
    /// What it does, and what it keeps others from.
    fn effect(&self) -> Effect;
}

/// What a migration does, and what it keeps others from. Of tables only those count that were there before,
/// for nobody waits for what nobody has.
///
/// `PostgreSQL` keeps each lock until the transaction of all that is pending ends; `SQLite` has one lock for
/// the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// The rest of a sentence that begins with the migration.
    pub does: &'static str,
    /// On `PostgreSQL`, what nobody else reads or writes meanwhile.
    pub blocks: &'static [&'static str],
    /// On `PostgreSQL`, what nobody else writes meanwhile.
    pub blocks_writes: &'static [&'static str],
    /// On `PostgreSQL`, of those the ones that are read row by row, so that it takes the longer the more there
    /// are.
    pub reads: &'static [&'static str],
    /// The same on `SQLite`.
    pub reads_on_sqlite: &'static [&'static str],
    /// What `SQLite` makes anew and copies.
    pub copies_on_sqlite: &'static [&'static str],
    /// Whether it takes away what the version before needs, so that its servers must not go on.
    pub ends_the_version_before: bool,
}

impl Effect {
    /// Of one that adds what nobody has to wait for.
    #[must_use]
    pub const fn of(does: &'static str) -> Self {
        Self {
            does,
            blocks: &[],
            blocks_writes: &[],
            reads: &[],
            reads_on_sqlite: &[],
            copies_on_sqlite: &[],
            ends_the_version_before: false,
        }
    }

    /// On `PostgreSQL` nobody else reads or writes those tables meanwhile.
    #[must_use]
    pub const fn blocking(self, tables: &'static [&'static str]) -> Self {
        Self { blocks: tables, ..self }
    }

    /// On `PostgreSQL` nobody else writes those tables meanwhile.
    #[must_use]
    pub const fn blocking_writes(self, tables: &'static [&'static str]) -> Self {
        Self { blocks_writes: tables, ..self }
    }

    /// On `PostgreSQL` every row of those tables is read.
    #[must_use]
    pub const fn reading(self, tables: &'static [&'static str]) -> Self {
        Self { reads: tables, ..self }
    }

    /// On `SQLite` every row of those tables is read.
    #[must_use]
    pub const fn reading_on_sqlite(self, tables: &'static [&'static str]) -> Self {
        Self { reads_on_sqlite: tables, ..self }
    }

    /// On `SQLite` those tables are made anew and copied.
    #[must_use]
    pub const fn copying_on_sqlite(self, tables: &'static [&'static str]) -> Self {
        Self { copies_on_sqlite: tables, ..self }
    }

    /// Servers of the version before must not go on beside it.
    #[must_use]
    pub const fn ending_the_version_before(self) -> Self {
        Self { ends_the_version_before: true, ..self }
    }

    /// Whether nobody on `PostgreSQL` waits for it.
    #[must_use]
    pub const fn is_unnoticed(&self) -> bool {
        self.blocks.is_empty() && self.blocks_writes.is_empty()
    }
}
