//! The database of a command: one that is there, for whoever only looks or changes what is in it, or one that is
//! made as well.

use super::terminal::Failure;
use crate::config::Config;
use crate::db::{Db, is_made, migrations};

/// Connects to the database that is there: whoever looks makes none where there is none, where it would only be
/// found to be empty, and be taken for the clinic's.
pub(super) async fn existing(config: &Config) -> Result<Db, Failure> {
    if !is_made(&config.database_url) {
        return Err(
            "there is no database where DATABASE_URL says, or nothing in it: clinic serve or clinic migrate up makes it".into(),
        );
    }
    let url = config.database_url.replace("mode=rwc", "mode=rw");
    Ok(Db::connect(&url, config.database_max_connections).await?)
}

/// The same with the migrations of this version, all of them.
pub(super) async fn set_up(config: &Config) -> Result<Db, Failure> {
    let db = existing(config).await?;
    match is_set_up(&db).await {
        Ok(()) => Ok(db),
        Err(failure) => {
            db.close().await;
            Err(failure)
        }
    }
}

/// Connects to the database, which is made and gets its migrations where it lacks them: for what is done before
/// the first start too.
pub(super) async fn made(config: &Config) -> Result<Db, Failure> {
    let db = Db::connect(&config.database_url, config.database_max_connections).await?;
    match migrations::up(&db).await {
        Ok(_count) => Ok(db),
        Err(error) => {
            db.close().await;
            Err(error.into())
        }
    }
}

/// Fails unless all migrations of this version are applied, and none of a newer one.
async fn is_set_up(db: &Db) -> Result<(), Failure> {
    migrations::is_not_newer(db).await?;
    if migrations::status(db).await?.iter().any(|migration| !migration.applied) {
        return Err("the database lacks migrations: run clinic migrate up".into());
    }
    Ok(())
}
