//! A mail server that notes what it takes, and that now and then puts off, hangs, ends in the middle, takes without
//! saying so, or lets nobody in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Trouble;

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// What its `Message-ID` says before the `@`.
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    /// When its sender began to hand it over, in milliseconds since 1970.
    pub(crate) left_at: i64,
    /// Whether the sender was told that it is taken.
    pub(crate) acknowledged: bool,
}

/// How one message is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Take,
    TakeLate,
    /// 450 to whom it is for.
    PutOff,
    /// 451 to the message itself.
    PutOffAtTheEnd,
    /// No answer any more.
    Hang,
    /// It goes before the message has come.
    End,
    /// It takes the message, and goes before it has said so.
    TakeAndEnd,
    /// It says that it has taken the message, and forgets it.
    Forget,
}

struct Book {
    taken: Vec<Taken>,
    rng: StdRng,
    is_faulty: bool,
    to_forget: usize,
    /// How many connections and messages were not dealt with as they should.
    faults: usize,
}

pub(crate) struct Mailbox {
    pub(crate) url: String,
    book: Arc<Mutex<Book>>,
    serving: JoinHandle<()>,
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the servers run by the real clock, too")]
    jiff::Timestamp::now().as_millisecond()
}

fn open(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailbox {
    pub(crate) async fn start(seed: u64) -> Result<Self, Trouble> {
        let rng = StdRng::seed_from_u64(seed);
        let book = Book { taken: Vec::new(), rng, is_faulty: true, to_forget: 0, faults: 0 };
        let book = Arc::new(Mutex::new(book));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("smtp://{}", listener.local_addr()?);
        let shared = Arc::clone(&book);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let book = Arc::clone(&shared);
                tokio::spawn(async move { drop(talk(stream, &book).await) });
            }
        });
        Ok(Self { url, book, serving })
    }

    /// From now on it takes whatever comes.
    pub(crate) fn recover(&self) {
        open(&self.book).is_faulty = false;
    }

    /// It forgets the next message, and says that it has taken it.
    pub(crate) fn forget_one(&self) {
        open(&self.book).to_forget = 1;
    }

    /// What it has taken, in that order.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        open(&self.book).taken.clone()
    }

    pub(crate) fn faults(&self) -> usize {
        open(&self.book).faults
    }
}

/// How somebody who comes is greeted; never, by nothing.
fn greeting(book: &Mutex<Book>) -> &'static str {
    let mut book = open(book);
    let drawn = if book.is_faulty { book.rng.random_range(0..100) } else { 100 };
    book.faults += usize::from(drawn < 8);
    match drawn {
        0..4 => "554 not today",
        4..7 => "421 later",
        7 => "",
        _ => "220 mail.example",
    }
}

fn manner(book: &Mutex<Book>) -> Manner {
    let mut book = open(book);
    if book.to_forget > 0 {
        book.to_forget -= 1;
        return Manner::Forget;
    }
    let drawn = if book.is_faulty { book.rng.random_range(0..200) } else { 200 };
    let manner = match drawn {
        0..10 => Manner::PutOff,
        10..14 => Manner::PutOffAtTheEnd,
        14..18 => Manner::End,
        18..24 => Manner::TakeAndEnd,
        24 => Manner::Hang,
        25..29 => Manner::TakeLate,
        _ => Manner::Take,
    };
    book.faults += usize::from(manner != Manner::Take);
    manner
}

/// One connection, until either side goes.
async fn talk(stream: TcpStream, book: &Mutex<Book>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let greeting = greeting(book);
    if greeting.is_empty() {
        return hang(&mut stream).await;
    }
    say(&mut stream, greeting).await?;
    let (mut to, mut left_at, mut manner_of_this) = (String::new(), 0, Manner::Take);
    let mut command = String::new();
    loop {
        command.clear();
        if stream.read_line(&mut command).await? == 0 {
            return Ok(());
        }
        match (command.get(..4).unwrap_or_default(), manner_of_this) {
            ("MAIL", _) => {
                (left_at, manner_of_this) = (now(), manner(book));
                if manner_of_this == Manner::Hang {
                    return hang(&mut stream).await;
                }
                say(&mut stream, "250 ok").await?;
            }
            ("RCPT", Manner::PutOff) => say(&mut stream, "450 later").await?,
            ("RCPT", _) => {
                to = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                say(&mut stream, "250 ok").await?;
            }
            ("DATA", Manner::End) => return Ok(()),
            ("DATA", _) => {
                say(&mut stream, "354 go on").await?;
                let Some(text) = message(&mut stream).await? else { return Ok(()) };
                let acknowledged = matches!(manner_of_this, Manner::Take | Manner::TakeLate);
                if acknowledged || manner_of_this == Manner::TakeAndEnd {
                    let id = header(&text, "Message-ID");
                    let id = id.trim_start_matches('<').split('@').next().unwrap_or_default();
                    let (id, subject) = (id.to_owned(), header(&text, "Subject"));
                    let taken = Taken { id, to: to.clone(), subject, left_at, acknowledged };
                    open(book).taken.push(taken);
                }
                match manner_of_this {
                    Manner::TakeAndEnd => return Ok(()),
                    Manner::PutOffAtTheEnd => say(&mut stream, "451 later").await?,
                    Manner::TakeLate => {
                        sleep(Duration::from_secs(3)).await;
                        say(&mut stream, "250 taken").await?;
                    }
                    _ => say(&mut stream, "250 taken").await?,
                }
            }
            ("QUIT", _) => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "250 ok").await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> std::io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await
}

/// Until the other side has had enough.
async fn hang(stream: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    let mut ignored = [0; 512];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

/// All of it, if its end came.
async fn message(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut text = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if line == ".\r\n" {
            return Ok(Some(text));
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// What a header says, with its folded lines as one.
fn header(text: &str, name: &str) -> String {
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_default().to_owned()
}
