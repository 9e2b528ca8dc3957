//! `clinic token`.

use clap::Subcommand;
use jiff::Timestamp;

use super::access::{refused, role, with_people};
use super::database::{made, set_up};
use super::terminal::{Failure, say};
use crate::access::{Actor, Role, Token};
use crate::config::Config;
use crate::domain::{Clock as _, SystemClock};
use crate::people::{CreateToken, People, RevokeToken};

/// What to do with the tokens of machines.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a token for a machine, and print its secret
    ///
    /// It is sent as `Authorization: Bearer clt_…`. As many as you like are live at once, also of one
    /// name: make the new one, have the machine use it, and revoke the old one.
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// What its bearer is to the clinic: admin, scheduler, clinician, auditor or viewer
        #[arg(long, value_parser = role)]
        role: Role,
        /// The id of the provider for whom a clinician's token speaks
        #[arg(long, value_name = "prv_…")]
        provider: Option<String>,
        /// From when on it opens nothing, such as 2027-12-31T00:00:00Z; never unless given
        #[arg(long, value_name = "instant")]
        expires: Option<Timestamp>,
    },
    /// List the tokens, also those that open nothing any more
    List,
    /// Have a token open nothing any more, at once
    Revoke {
        /// Its id
        #[arg(value_name = "tok_…")]
        token: String,
    },
}

/// Makes, lists or revokes tokens.
pub(super) async fn run(config: &Config, action: Action) -> Result<(), Failure> {
    let db = match action {
        Action::Create { .. } => made(config).await?,
        Action::List | Action::Revoke { .. } => set_up(config).await?,
    };
    with_people(config, db, |people| async move { act(&people, action).await }).await
}

async fn act(people: &People, action: Action) -> Result<(), Failure> {
    let (operator, now) = (Actor::operator(), SystemClock.now());
    match action {
        Action::Create { name, role, provider, expires } => {
            let command = CreateToken::parse(&name, (role, provider.as_deref()), expires, None);
            let made = people.create_token(&operator, &command.map_err(refused)?).await;
            let made = made.map_err(refused)?;
            say(&line(&made.token, now));
            if let Some(secret) = made.secret {
                say(&format!("\nThe secret, told this once:\n\n  {}", secret.reveal()));
            }
        }
        Action::List => {
            for token in people.tokens(&operator).await.map_err(refused)? {
                say(&line(&token, now));
            }
        }
        Action::Revoke { token } => {
            let command = RevokeToken::parse(&token, None).map_err(refused)?;
            let revoked = people.revoke_token(&operator, &command).await.map_err(refused)?;
            say(&line(&revoked.token, now));
        }
    }
    Ok(())
}

fn line(token: &Token, now: Timestamp) -> String {
    let state = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked at {at}"),
        (None, Some(at)) if !token.is_live(now) => format!("expired at {at}"),
        (None, Some(at)) => format!("live until {at}"),
        (None, None) => "live".to_owned(),
    };
    let used =
        token.last_used_at.map_or("never used".to_owned(), |at| format!("last used at {at}"));
    let provider = token.provider_id.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{}  {}{provider}  {state}  {used}  {}", token.id, token.role.as_str(), token.name)
}
