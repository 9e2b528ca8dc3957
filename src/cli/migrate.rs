//! `clinic migrate`.

use clap::Subcommand;

use super::terminal::{Failure, say};
use crate::config::Config;
use crate::db::{Db, StoreError, migrations, patients};

/// What to do with the schema.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Apply the migrations that are pending
    Up,
    /// Take back the latest migrations
    Down {
        /// How many
        #[arg(short = 'n', default_value_t = 1)]
        steps: u32,
    },
    /// Show every migration and whether it is applied
    Status,
    /// Take back everything and apply it again: all data is lost
    Fresh,
}

/// Changes or shows the schema.
pub(super) async fn run(config: &Config, action: Action) -> Result<(), Failure> {
    let db = Db::connect(&config.database_url, config.database_max_connections).await?;
    let done = act(&db, action).await;
    db.close().await;
    Ok(done?)
}

async fn act(db: &Db, action: Action) -> Result<(), StoreError> {
    match action {
        Action::Up => {
            say(&format!("Applied {} migrations", migrations::up(db).await?));
            patients::fold_what_is_not(db).await?;
        }
        Action::Down { steps } => {
            say(&format!("Took back {} migrations", migrations::down(db, steps).await?));
        }
        Action::Fresh => {
            migrations::fresh(db).await?;
            say("Took back and applied every migration");
        }
        Action::Status => {
            for migration in migrations::status(db).await? {
                let state = if migration.applied { "applied" } else { "pending" };
                say(&format!("{state}  {}", migration.name));
            }
        }
    }
    Ok(())
}
