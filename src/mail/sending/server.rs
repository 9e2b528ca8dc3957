//! The clinic's mail server, as `SMTP_URL` names it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use url::{Host, Url};

/// How long the server has until mail can be sent to it.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);
/// How long a server has to say farewell that has not answered.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);
/// Submission, with TLS once both agree on it (RFC 6409).
const PORT: u16 = 587;
/// Submission with TLS from the start (RFC 8314).
const TLS_PORT: u16 = 465;

/// When what is said to the server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encryption {
    /// From the start.
    Always,
    /// From when the server has offered it, which it must.
    Demanded,
    /// From when the server has offered it, if it does.
    Offered,
}

/// A mail server. Says nothing of its password.
#[derive(Clone)]
pub struct SmtpServer {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
}

/// It names no mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be smtp://host:port or smtps://host:port, with user:password@ before the host where the server asks for them"
)]
pub struct SmtpUrlError;

impl FromStr for SmtpServer {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text).map_err(|_malformed| SmtpUrlError)?;
        let is_bare =
            matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        // A host of a scheme that is not the web's is kept as it is written.
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError)?;
        let host = Host::parse(host).map_err(|_malformed| SmtpUrlError)?;
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8().map_err(|_malformed| SmtpUrlError)?;
            Ok::<_, SmtpUrlError>(text.into_owned())
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                Some(Credentials::new(decoded(user)?, decoded(password)?))
            }
            _ => return Err(SmtpUrlError),
        };
        let encryption = match url.scheme() {
            "smtps" => Encryption::Always,
            // A password is shown to nobody on the way, whoever takes the offer of TLS out of what the server says.
            "smtp" if credentials.is_some() && !is_here(&host) => Encryption::Demanded,
            "smtp" => Encryption::Offered,
            _ => return Err(SmtpUrlError),
        };
        if !is_bare {
            return Err(SmtpUrlError);
        }
        let usual = if encryption == Encryption::Always { TLS_PORT } else { PORT };
        let host = match host {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        };
        Ok(Self { host, port: url.port().unwrap_or(usual), encryption, credentials })
    }
}

fn is_here(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpServer({}:{})", self.host, self.port)
    }
}

/// Why the server can't be spoken to.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    /// It does not offer TLS, and there is a password to be shown.
    #[error("the mail server offers no TLS (STARTTLS), and a password is not sent without")]
    NoTls,
    /// It was not reached, or did not let us in.
    #[error("the mail server could not be reached, or did not let us in: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

impl SmtpServer {
    /// A connection that mail can be sent over; none where there can be none for now. `name` is what the server is told
    /// that we are.
    pub(in crate::mail) async fn line(&self, name: &str) -> Option<AsyncSmtpConnection> {
        match timeout(CONNECT_WITHIN, self.connect(name)).await {
            Ok(Ok(connection)) => Some(connection),
            Ok(Err(error)) => {
                tracing::warn!(%error, "No mail can be sent for now");
                None
            }
            Err(_elapsed) => {
                tracing::warn!(
                    "No mail can be sent for now: the mail server does not answer in time"
                );
                None
            }
        }
    }

    async fn connect(&self, name: &str) -> Result<AsyncSmtpConnection, ConnectError> {
        let name = ClientId::Domain(name.to_owned());
        let tls = || TlsParameters::new_rustls(self.host.clone());
        let at_once = (self.encryption == Encryption::Always).then(tls).transpose()?;
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &name, at_once, None).await?;
        if self.encryption != Encryption::Always {
            if connection.can_starttls() {
                connection.starttls(tls()?, &name).await?;
            } else if self.encryption == Encryption::Demanded {
                connection.abort().await;
                return Err(ConnectError::NoTls);
            }
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }
}

/// Ends a connection whose server does not answer: to wait for its farewell would be to wait for ever.
pub(in crate::mail) async fn hang_up(connection: &mut AsyncSmtpConnection) {
    drop(timeout(FAREWELL_WITHIN, connection.abort()).await);
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    fn read(text: &str) -> Option<(String, u16, Encryption, bool)> {
        let SmtpServer { host, port, encryption, credentials } = text.parse().ok()?;
        Some((host, port, encryption, credentials.is_some()))
    }

    #[test]
    fn a_server_is_named_by_a_url_and_a_password_goes_nowhere_without_tls() {
        use Encryption::{Always, Demanded, Offered};
        let here = |host: &str, port, encryption, credentials| {
            Some((host.to_owned(), port, encryption, credentials))
        };
        assert_eq!(read("smtp://mail.example"), here("mail.example", 587, Offered, false));
        assert_eq!(read("smtps://mail.example/"), here("mail.example", 465, Always, false));
        assert_eq!(read("smtp://u:p%40@mail.example:25"), here("mail.example", 25, Demanded, true));
        assert_eq!(read("smtp://u:p@127.0.0.1:2525"), here("127.0.0.1", 2525, Offered, true));
        assert_eq!(read("smtp://[::1]:2525"), here("::1", 2525, Offered, false));
        for wrong in [
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example/path",
            "smtp://u@mail.example",
            "smtp://mail.example?tls=none",
            "smtp:///",
            "smtp://:p@mail.example",
            "smtp://mail.example:0x",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_server_that_answers_nothing_any_more_is_left_all_the_same() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let silent = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 here\r\n").await.unwrap();
            stream.read_line(&mut String::new()).await.unwrap();
            stream.write_all(b"250 here\r\n").await.unwrap();
            while stream.read_line(&mut String::new()).await.unwrap() > 0 {}
        });
        let mut line = url.parse::<SmtpServer>().unwrap().line("clinic.example").await.unwrap();
        timeout(FAREWELL_WITHIN * 10, hang_up(&mut line)).await.unwrap();
        assert!(line.has_broken());
        drop(line);
        silent.await.unwrap();
    }

    #[test]
    fn it_says_nothing_of_its_password() {
        let server: SmtpServer = "smtp://user:canary@mail.example".parse().unwrap();
        assert_eq!(format!("{server:?}"), "SmtpServer(mail.example:587)");
    }
}
