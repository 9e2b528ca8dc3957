//! `clinic migrate`.

use clap::Subcommand;

use super::database::existing;
use super::terminal::{Failure, say};
use crate::config::Config;
use crate::db::migrations::{self, Plan};
use crate::db::{Db, Engine, Loss, TakenBack, is_made, patients};

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
        /// How many rows may be deleted, or lose values, for ever: exactly the number that do
        #[arg(long, value_name = "N")]
        yes_delete_rows: Option<u64>,
    },
    /// Show every migration and whether it is applied
    Status,
    /// Show what up would apply, what each locks for how long, and whether servers may go on meanwhile
    ///
    /// It changes nothing, and makes no database where there is none.
    Plan,
    /// Take back everything and apply it again: all data is lost
    Fresh {
        /// How many rows may be deleted for ever: exactly the number that is lost by it
        #[arg(long, value_name = "N")]
        yes_delete_rows: Option<u64>,
    },
}

/// Changes or shows the schema.
pub(super) async fn run(config: &Config, action: Action) -> Result<(), Failure> {
    let db = match action {
        Action::Plan if !is_made(&config.database_url) => {
            tell(&Plan::of_new(Engine::Sqlite));
            return Ok(());
        }
        Action::Status if !is_made(&config.database_url) => {
            for migration in Plan::of_new(Engine::Sqlite).pending {
                say(&state_of(false, &migration.name));
            }
            return Ok(());
        }
        Action::Plan | Action::Status => existing(config).await?,
        _ => Db::connect(&config.database_url, config.database_max_connections).await?,
    };
    let done = act(&db, action).await;
    db.close().await;
    done
}

async fn act(db: &Db, action: Action) -> Result<(), Failure> {
    match action {
        Action::Up => {
            say(&format!("Applied {} migrations", migrations::up(db).await?));
            patients::fold_what_is_not(db).await?;
        }
        Action::Down { steps, yes_delete_rows } => {
            match migrations::down(db, steps, yes_delete_rows).await? {
                TakenBack::Done(count) => say(&format!("Took back {count} migrations")),
                TakenBack::Refused(loss) => {
                    return Err(refused(&format!("down -n {steps}"), yes_delete_rows, &loss));
                }
            }
        }
        Action::Fresh { yes_delete_rows } => match migrations::fresh(db, yes_delete_rows).await? {
            TakenBack::Done(_) => say("Took back and applied every migration"),
            TakenBack::Refused(loss) => return Err(refused("fresh", yes_delete_rows, &loss)),
        },
        Action::Plan => tell(&migrations::plan(db).await?),
        Action::Status => {
            for migration in migrations::status(db).await? {
                say(&state_of(migration.applied, &migration.name));
            }
        }
    }
    Ok(())
}

fn state_of(applied: bool, name: &str) -> String {
    format!("{}  {name}", if applied { "applied" } else { "pending" })
}

fn tell(plan: &Plan) {
    for migration in &plan.pending {
        say(&format!("{}\n  {}\n  {}", migration.name, migration.does(), migration.locks()));
    }
    let nothing = "Nothing is pending: the database has every migration of this version".to_owned();
    say(&if plan.pending.is_empty() { nothing } else { plan.sum() });
}

/// What would be lost, and how to say that it may be.
fn refused(command: &str, agreed: Option<u64>, loss: &Loss) -> Failure {
    let rows = loss.rows();
    let tables: Vec<String> = loss
        .tables()
        .map(|(table, lost)| {
            let columns = lost.columns.join(", ");
            let values =
                if columns.is_empty() { columns } else { format!(" (the values of {columns})") };
            format!("  {:>9}  {table}{values}\n", lost.rows)
        })
        .collect();
    let agreed = agreed.map(|agreed| format!(", not {agreed}")).unwrap_or_default();
    format!(
        "nothing was changed. This would delete {rows} rows, or values in them, for ever{agreed}:\n{}If that is what you \
         want, and there is a backup: clinic migrate {command} --yes-delete-rows {rows}",
        tables.concat()
    )
    .into()
}
