//! The database that a command looks at: one that is there.

use super::terminal::Failure;
use crate::config::Config;
use crate::db::{Db, migrations};

/// Connects to the database that is there: whoever only looks makes none where there is none.
pub(super) async fn existing(config: &Config) -> Result<Db, Failure> {
    let url = config.database_url.replace("mode=rwc", "mode=rw");
    Ok(Db::connect(&url, config.database_max_connections).await?)
}

/// Fails unless all migrations of this version are applied, and none of a newer one.
pub(super) async fn is_set_up(db: &Db) -> Result<(), Failure> {
    migrations::is_not_newer(db).await?;
    if migrations::status(db).await?.iter().any(|migration| !migration.applied) {
        return Err("the database lacks migrations: run clinic migrate up".into());
    }
    Ok(())
}
