//! `clinic person`.

use clap::Subcommand;

use super::access::{refused, role, with_people};
use super::database::{made, set_up};
use super::terminal::{Failure, say};
use crate::access::{Actor, Person, Role};
use crate::config::Config;
use crate::people::{CreatePerson, DisablePerson, InvitePerson, People, PersonOutcome};
use crate::request::{ExpectedVersion, Refusal, Resource};

/// What to do with the people who may sign in.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Add somebody to the staff, and print the invitation by which they set their password
    Add {
        /// Their name
        #[arg(long)]
        name: String,
        /// The address that they are to sign in with
        #[arg(long)]
        email: String,
        /// What they are to the clinic: admin, scheduler, clinician, auditor or viewer
        #[arg(long, value_parser = role)]
        role: Role,
        /// The id of the provider that a clinician is
        #[arg(long, value_name = "prv_…")]
        provider: Option<String>,
    },
    /// List the staff, also who may not come in any more
    List,
    /// Print another invitation for somebody who has lost theirs, or the password
    ///
    /// It makes the last one void. Who was disabled may come in again by it.
    Invite {
        /// Their id, or their e-mail address
        person: String,
    },
    /// Let somebody come in no more: their sessions end at once
    Disable {
        /// Their id, or their e-mail address
        person: String,
    },
}

/// Adds, lists, invites or disables people.
pub(super) async fn run(config: &Config, action: Action) -> Result<(), Failure> {
    let page = page_to_set_a_password(config);
    let db = match action {
        Action::Add { .. } => made(config).await?,
        Action::List | Action::Invite { .. } | Action::Disable { .. } => set_up(config).await?,
    };
    with_people(config, db, |people| async move { act(&people, action, &page).await }).await
}

async fn act(people: &People, action: Action, page: &str) -> Result<(), Failure> {
    let operator = Actor::operator();
    match action {
        Action::Add { name, email, role, provider } => {
            let command = CreatePerson::parse(&name, &email, (role, provider.as_deref()), None);
            let added = people.create(&operator, &command.map_err(refused)?).await;
            hand_on(&added.map_err(refused)?, page);
        }
        Action::List => {
            for person in people.people(&operator).await.map_err(refused)? {
                say(&line(&person));
            }
        }
        Action::Invite { person } => {
            let id = id_of(people, &person).await?;
            let command = InvitePerson::parse(&id, ExpectedVersion::default(), None);
            let invited = people.invite(&operator, &command.map_err(refused)?).await;
            hand_on(&invited.map_err(refused)?, page);
        }
        Action::Disable { person } => {
            let id = id_of(people, &person).await?;
            let command = DisablePerson::parse(&id, ExpectedVersion::default(), None);
            let disabled = people.disable(&operator, &command.map_err(refused)?).await;
            say(&line(&disabled.map_err(refused)?.person));
        }
    }
    Ok(())
}

/// The id of somebody who is named by it, or by the address.
async fn id_of(people: &People, named: &str) -> Result<String, Failure> {
    if !named.contains('@') {
        return Ok(named.to_owned());
    }
    let all = people.people(&Actor::operator()).await.map_err(refused)?;
    let is_at = |person: &&Person| person.email.eq_ignore_ascii_case(named);
    let found = all.iter().find(is_at).map(|person| person.id.to_string());
    found.ok_or_else(|| refused(Refusal::NotFound(Resource::Person)))
}

/// Says what is to be handed on, which is told this once.
fn hand_on(outcome: &PersonOutcome, page: &str) {
    say(&line(&outcome.person));
    if let Some(invitation) = &outcome.invitation {
        say(&format!(
            "\nThe invitation, told this once; it counts once, for 7 days:\n\n  {}\n\nThey set a password with it at \
             {page}",
            invitation.reveal()
        ));
    }
}

/// Where a password is set, as far as the settings tell where the server is.
fn page_to_set_a_password(config: &Config) -> String {
    let root = config.public_url.as_ref().map_or_else(
        || format!("http://{}", std::net::SocketAddr::new(config.bind, config.port)),
        |url| url.as_str().to_owned(),
    );
    format!("{root}/sign-in/password")
}

fn line(person: &Person) -> String {
    let state = match (person.disabled_at, person.invited_until) {
        (Some(at), _) => format!("disabled at {at}"),
        (None, Some(until)) if !person.has_password => format!("invited until {until}"),
        (None, _) if person.can_sign_in() => "active".to_owned(),
        (None, _) => "not invited".to_owned(),
    };
    let provider = person.provider_id.map(|id| format!(" ({id})")).unwrap_or_default();
    let (id, role) = (person.id, person.role.as_str());
    format!("{id}  {role}{provider}  {state}  {} <{}>", person.name, person.email)
}
