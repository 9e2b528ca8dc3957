//! What would be applied, and whom that keeps from what for how long.

use migration::Effect;

use crate::db::engine::kind::Engine;

/// What would be applied.
#[derive(Debug)]
pub struct Plan {
    engine: Engine,
    /// Whether the database has none of them yet.
    is_new: bool,
    /// Oldest first.
    pub pending: Vec<PlannedMigration>,
}

/// One migration that would be applied.
#[derive(Debug)]
pub struct PlannedMigration {
    /// Its name.
    pub name: String,
    effect: Effect,
    engine: Engine,
}

impl Plan {
    /// For a database that is not there yet.
    pub fn of_new(engine: Engine) -> Self {
        Self::after(engine, &[])
    }

    /// For a database that has those.
    pub(super) fn after(engine: Engine, applied: &[String]) -> Self {
        let steps = migration::steps().into_iter();
        let planned = steps.map(|step| PlannedMigration {
            name: step.name().to_owned(),
            effect: step.effect(),
            engine,
        });
        let pending = planned.filter(|it| !applied.contains(&it.name)).collect();
        Self { engine, is_new: applied.is_empty(), pending }
    }

    /// How many there are, and whether servers may go on meanwhile.
    pub fn sum(&self) -> String {
        let count = self.pending.len();
        let servers = self.servers();
        format!("{count} migrations, applied in one transaction or not at all; {servers}")
    }

    fn servers(&self) -> String {
        if self.is_new {
            return "no server uses this database yet".to_owned();
        }
        if self.engine == Engine::Sqlite {
            return "stop the server for all of them: SQLite has one lock for the whole file"
                .to_owned();
        }
        let ending = self.pending.iter().filter(|it| it.effect.ends_the_version_before);
        let ending: Vec<&str> = ending.map(|it| it.name.as_str()).collect();
        if !ending.is_empty() {
            let names = ending.join(", ");
            return format!("stop the servers for {} of them: {names}", ending.len());
        }
        let waits = self.pending.iter().any(|it| !it.effect.is_unnoticed());
        let until = if waits {
            ". What one locks stays locked until the last is done; what servers ask of it waits for two seconds, and \
             is refused then"
        } else {
            ""
        };
        format!("servers of the version before may go on{until}")
    }
}

impl PlannedMigration {
    /// What it does, as the rest of a sentence.
    pub fn does(&self) -> &'static str {
        self.effect.does
    }

    /// What it locks, and for how long.
    pub fn locks(&self) -> String {
        match self.engine {
            Engine::Sqlite => self.locks_on_sqlite(),
            Engine::Postgres => self.locks_on_postgres(),
        }
    }

    fn locks_on_sqlite(&self) -> String {
        let Effect { reads_on_sqlite: reads, copies_on_sqlite: copies, .. } = self.effect;
        let first = (!copies.is_empty()).then(|| format!("{} is copied", list(copies)));
        let read = (!reads.is_empty()).then(|| format!("every row of {} is read", list(reads)));
        let takes: Vec<String> = first.into_iter().chain(read).collect();
        let time = if takes.is_empty() {
            "for a moment".to_owned()
        } else {
            format!("while {}", takes.join(", and "))
        };
        format!("locks the file against writing {time}")
    }

    fn locks_on_postgres(&self) -> String {
        let Effect { blocks, blocks_writes, reads, .. } = self.effect;
        let all =
            (!blocks.is_empty()).then(|| format!("{} against reading and writing", list(blocks)));
        let writes =
            (!blocks_writes.is_empty()).then(|| format!("{} against writing", list(blocks_writes)));
        let locked: Vec<String> = all.into_iter().chain(writes).collect();
        if locked.is_empty() {
            return "locks nothing that is in use".to_owned();
        }
        let time = if reads.is_empty() {
            "for a moment".to_owned()
        } else {
            format!("while every row of {} is read", list(reads))
        };
        format!("locks {} {time}", locked.join(", and "))
    }
}

fn list(tables: &[&str]) -> String {
    tables.join(", ")
}
