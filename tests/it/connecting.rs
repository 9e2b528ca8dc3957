//! Why the database can't be connected to: each way has one sentence that says what to write instead.

use std::time::Duration;

use clinic::db::Db;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{Engine, TestDatabase};

/// The port of somebody who answers each caller so, and hangs up.
async fn answering(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let mut asked = [0; 512];
            drop(caller.read(&mut asked).await);
            drop(caller.write_all(&answer).await);
        }
    });
    port
}

/// The refusal of a server of PostgreSQL.
fn refusal(code: &str, message: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap();
    [b"E".as_slice(), &length.to_be_bytes(), fields.as_bytes()].concat()
}

async fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn told(url: &str) -> String {
    let connecting = tokio::time::timeout(Duration::from_secs(30), Db::connect(url, 2));
    connecting.await.unwrap().err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn each_way_of_not_reaching_the_database_says_what_to_write_instead() {
    let no_entry =
        "no pg_hba.conf entry for host \"10.0.0.1\", user \"u\", database \"d\", no encryption";
    let at = |port: u16, more: &str| format!("postgres://u:geheim@127.0.0.1:{port}/d{more}");
    let mut table = vec![
        (at(nobody().await, ""), "nobody listens there: see host and port"),
        (
            at(answering(b"N".to_vec()).await, "?sslmode=require"),
            "it offers no TLS, and sslmode asks for it",
        ),
        (
            at(answering(b"H".to_vec()).await, "?sslmode=require"),
            "does not speak as PostgreSQL does",
        ),
        (
            at(answering(refusal("28000", no_entry)).await, "?sslmode=disable"),
            "write sslmode=require",
        ),
        (
            at(answering(refusal("28P01", "no")).await, "?sslmode=disable"),
            "ALTER ROLE \"u\" LOGIN PASSWORD",
        ),
        (
            at(answering(refusal("3D000", "no")).await, "?sslmode=disable"),
            "CREATE DATABASE \"d\" OWNER \"u\"",
        ),
        (
            "postgres://u:geheim@/d?host=/nowhere".to_owned(),
            "write postgres://user@localhost/database?host=/folder",
        ),
        ("postgres://u:geheim@localhost/d?host=/nowhere".to_owned(), "the socket in /nowhere: "),
        ("postgres://u:geheim@localhost/d?host=/nowhere".to_owned(), "unix_socket_directories"),
        ("postgres://u:ge#heim@localhost/d".to_owned(), "%40 %3A %2F"),
        (
            "postgres://u:geheim@localhost/d?sslmode=perhaps".to_owned(),
            "one of its parameters can't be read",
        ),
        ("postgres://u:geheim@name.invalid/d".to_owned(), "no such host is known"),
    ];
    if let Some(url) = with_tls().await {
        table.push((url, "sslrootcert=FILE"));
    }
    let answers = join_all(table.iter().map(|(url, _)| told(url))).await;
    for ((url, words), answer) in table.iter().zip(answers) {
        assert!(answer.starts_with("cannot reach the database at "), "{url}: {answer}");
        assert!(answer.contains(words), "{url}: {answer}");
        assert!(
            answer.ends_with("; see DATABASE_URL") && !answer.contains("heim"),
            "{url}: {answer}"
        );
    }
}

/// The tests' own server, where it speaks TLS: nobody has signed its certificate.
async fn with_tls() -> Option<String> {
    if !TestDatabase::postgres_is_there().await {
        return None;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    let on = database
        .number("SELECT count(*) FROM pg_settings WHERE name = 'ssl' AND setting = 'on'")
        .await;
    (on == 1).then(|| format!("{}?sslmode=verify-full", database.url))
}
