//! Why a database can't be reached, and what to ask of whoever runs it.

use std::str::FromStr as _;

use sea_orm::DbErr;
use sea_orm::sqlx::postgres::PgConnectOptions;

use super::connect_trouble;
use super::error::StoreError;

/// The database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Neither of the two engines.
    #[error("DATABASE_URL must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// It could not be reached.
    #[error("cannot reach the database at {place}: {cause}; see DATABASE_URL")]
    Unreachable {
        /// Where it was looked for, without user and password.
        place: String,
        /// What was seen.
        cause: StoreError,
    },
}

/// Turns what the library says into what an operator can use.
pub(super) fn unreachable(url: &str) -> impl Fn(DbErr) -> ConnectError {
    move |error| ConnectError::Unreachable { place: place(url), cause: cause(error, url) }
}

fn cause(error: DbErr, url: &str) -> StoreError {
    if url.starts_with("postgres")
        && let Some(words) = connect_trouble::words(&error, url)
    {
        return StoreError::Unavailable(words.to_owned());
    }
    match StoreError::from(error) {
        StoreError::Internal(code) if code == "configuration" => {
            StoreError::Internal("the URL or one of its parameters can't be read".to_owned())
        }
        StoreError::Unavailable(cause) => {
            let code = cause.split(':').next().unwrap_or_default();
            StoreError::Unavailable(asked_of_an_administrator(code, url).unwrap_or(cause))
        }
        cause => cause,
    }
}

/// Where an administrator of `PostgreSQL` has to do something before anybody can connect: what.
fn asked_of_an_administrator(code: &str, url: &str) -> Option<String> {
    let options = PgConnectOptions::from_str(url).ok()?;
    let role = options.get_username();
    let database = options.get_database().unwrap_or(role);
    Some(match code {
        "3D000" => format!(
            "there is no database of this name (3D000); an administrator makes it: CREATE DATABASE \
             \"{database}\" OWNER \"{role}\";"
        ),
        "28P01" | "28000" => format!(
            "user or password is not accepted, or has expired ({code}); an administrator sets both: \
             ALTER ROLE \"{role}\" LOGIN PASSWORD '…' VALID UNTIL 'infinity'; and who may connect \
             from where stands in pg_hba.conf"
        ),
        "42501" => format!(
            "the role may not connect (42501); an administrator lets it: GRANT CONNECT ON DATABASE \
             \"{database}\" TO \"{role}\";"
        ),
        _ => return None,
    })
}

/// The URL without what is secret: user, password and parameters; of a socket its folder.
fn place(url: &str) -> String {
    let options = Some(url).filter(|url| url.starts_with("postgres"));
    let options = options.and_then(|url| PgConnectOptions::from_str(url).ok());
    if let Some(socket) = options.as_ref().and_then(PgConnectOptions::get_socket) {
        return format!("the socket in {}", socket.display());
    }
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    rest.split('?').next().unwrap_or_default().to_owned()
}
