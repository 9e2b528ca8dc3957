//! What keeps `PostgreSQL` from being connected to, in words for whoever wrote the URL: what to write instead.

use std::io::{Error as IoError, ErrorKind};
use std::str::FromStr as _;

use sea_orm::sqlx::Error;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{DbErr, RuntimeErr};

/// What to do about it, where the driver tells more than [`StoreError`](super::error::StoreError) keeps.
pub(super) fn words(error: &DbErr, url: &str) -> Option<&'static str> {
    // The library keeps to itself why it can't read one.
    if let Err(Error::Configuration(cause)) = PgConnectOptions::from_str(url) {
        return Some(of_url(&cause.to_string()));
    }
    let DbErr::Conn(RuntimeErr::SqlxError(error)) = error else { return None };
    match error.as_ref() {
        Error::Configuration(_) => {
            Some("one of the files of sslrootcert, sslcert and sslkey is none")
        }
        Error::Tls(cause) => Some(of_tls(&cause.to_string())),
        Error::Io(cause) => of_network(cause),
        Error::Protocol(_) => {
            Some("what answers there does not speak as PostgreSQL does: see host and port")
        }
        Error::Database(refused)
            if refused.code().is_some_and(|code| code == "28000")
                && refused.message().ends_with("no encryption") =>
        {
            Some(
                "it lets nobody in without TLS: write sslmode=require, or verify-full with sslrootcert=FILE",
            )
        }
        _ => None,
    }
}

fn of_url(cause: &str) -> &'static str {
    match cause {
        "empty host" => {
            "the URL names no host: write postgres://user@localhost/database?host=/folder for the socket in that \
             folder, or postgres://user:password@host:5432/database"
        }
        "invalid port number" => {
            "the URL has no port that can be read; a password with one of @ : / ? # % is written with %40 %3A %2F \
             %3F %23 %25"
        }
        _ => {
            "the URL or one of its parameters can't be read: write \
             postgres://user:password@host:5432/database?sslmode=verify-full"
        }
    }
}

fn of_tls(cause: &str) -> &'static str {
    let says = |what: &str| cause.to_lowercase().contains(what);
    if says("does not support tls") {
        "it offers no TLS, and sslmode asks for it: set ssl = on there, or write sslmode=disable where nobody else \
         is on the way"
    } else if says("expired") {
        "its certificate has expired: give it a new one"
    } else if says("not valid for name") || says("notvalidforname") {
        "its certificate is for another name: write the host as the certificate has it, or sslmode=verify-ca"
    } else if says("certificate") {
        "its certificate is not signed by anybody who is trusted here: write sslrootcert=FILE with the certificate of \
         who signed it, or sslmode=require to encrypt without knowing whom one talks to"
    } else {
        "no TLS comes about: see sslmode, sslrootcert, sslcert and sslkey"
    }
}

fn of_network(cause: &IoError) -> Option<&'static str> {
    Some(match cause.kind() {
        ErrorKind::ConnectionRefused => {
            "nobody listens there: see host and port, whether PostgreSQL runs, and its listen_addresses"
        }
        ErrorKind::NotFound => {
            "there is no such file: for a socket, host is the folder that unix_socket_directories of PostgreSQL \
             names, and the port is of its name; else see sslrootcert, sslcert and sslkey"
        }
        ErrorKind::PermissionDenied => {
            "this user may not open the socket: see unix_socket_permissions"
        }
        ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            "nothing answers from there: see host, and the firewalls on the way"
        }
        // What goes wrong in TLS comes so, too.
        ErrorKind::InvalidData => of_tls(&cause.to_string()),
        _ if cause.to_string().contains("failed to lookup address") => {
            "no such host is known: see its name"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::of_tls;

    #[test]
    fn each_way_in_which_a_certificate_is_not_believed_has_its_words() {
        for (cause, told) in [
            ("invalid peer certificate: UnknownIssuer", "sslrootcert=FILE"),
            ("invalid peer certificate: Expired", "has expired"),
            ("invalid peer certificate: certificate expired: verification time 1", "has expired"),
            ("invalid peer certificate: NotValidForName", "another name"),
            ("invalid peer certificate: certificate not valid for name \"db\"", "another name"),
            ("server does not support TLS", "offers no TLS"),
            ("received fatal alert: HandshakeFailure", "see sslmode"),
        ] {
            assert!(of_tls(cause).contains(told), "{cause}");
        }
    }
}
