//! A mail server: it notes what it is given, and answers what it is told to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::support::comes_true;

/// A little more than a server trusts what it has judged.
const LATE: Duration = Duration::from_millis(2100);

/// A message as it came.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) from: String,
    pub(super) to: String,
    /// Headers and body, with lines that end in CRLF.
    pub(super) text: String,
}

impl Message {
    /// What a header says, with its folded lines as one.
    pub(super) fn header(&self, name: &str) -> String {
        let (head, _) = self.text.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ");
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    }

    /// What it says, with quoted-printable read.
    pub(super) fn read(&self) -> String {
        let text = self.text.replace("=\r\n", "");
        text.replace("=3D", "=").replace("=C2=A0", " ")
    }
}

/// How a command is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// By that line.
    Line(&'static str),
    /// By that line, once what was judged before it is judged anew.
    Late(&'static str),
    /// Never.
    Nothing,
    /// By the end of the connection.
    End,
    /// It takes the message, and ends the connection before it has said so.
    TakeAndEnd,
}

#[derive(Default)]
struct Script {
    /// How connections are greeted.
    greeting: Option<Reply>,
    /// How what begins so is answered, as often as that.
    replies: Vec<(&'static str, Reply, usize)>,
    messages: Vec<Message>,
    /// As what its clients said that they are.
    names: Vec<String>,
}

pub(super) struct MailServer {
    pub(super) url: String,
    script: Arc<Mutex<Script>>,
    serving: JoinHandle<()>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl MailServer {
    pub(super) async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&script);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let script = Arc::clone(&shared);
                tokio::spawn(async move { drop(talk(stream, script).await) });
            }
        });
        Self { url, script, serving }
    }

    /// Greets whoever comes so; as usual where nothing is given.
    pub(super) fn greet(&self, greeting: Option<Reply>) {
        self.script.lock().unwrap().greeting = greeting;
    }

    /// Answers the next `times` commands that begin so by that.
    pub(super) fn answer(&self, command: &'static str, reply: Reply, times: usize) {
        self.script.lock().unwrap().replies.push((command, reply, times));
    }

    pub(super) fn messages(&self) -> Vec<Message> {
        self.script.lock().unwrap().messages.clone()
    }

    /// As what its clients said that they are.
    pub(super) fn names(&self) -> Vec<String> {
        self.script.lock().unwrap().names.clone()
    }

    /// Waits until so many have come.
    pub(super) async fn has(&self, count: usize) -> Vec<Message> {
        let came = comes_true(async || self.messages().len() >= count).await;
        let messages = self.messages();
        let subjects: Vec<_> = messages.iter().map(|one| one.header("Subject")).collect();
        assert!(
            came && messages.len() == count,
            "{} instead of {count}: {subjects:?}",
            messages.len()
        );
        messages
    }
}

fn reply_to(script: &Mutex<Script>, command: &str) -> Option<Reply> {
    let mut script = script.lock().unwrap();
    let found = script
        .replies
        .iter_mut()
        .find(|(begins, _, left)| *left > 0 && command.starts_with(begins));
    found.map(|(_, reply, left)| {
        *left -= 1;
        *reply
    })
}

async fn talk(stream: TcpStream, script: Arc<Mutex<Script>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let greeting = script.lock().unwrap().greeting;
    let (mut from, mut to) = (String::new(), String::new());
    let mut next = greeting.unwrap_or(Reply::Line("220 mail.example"));
    loop {
        match next {
            Reply::Line(line) => stream.write_all(format!("{line}\r\n").as_bytes()).await?,
            Reply::Late(line) => {
                sleep(LATE).await;
                stream.write_all(format!("{line}\r\n").as_bytes()).await?;
            }
            Reply::Nothing => std::future::pending().await,
            Reply::End | Reply::TakeAndEnd => return Ok(()),
        }
        let mut command = String::new();
        if stream.read_line(&mut command).await? == 0 {
            return Ok(());
        }
        let command = command.trim_end();
        let scripted = reply_to(&script, command);
        let address = || command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        next = match command.get(..4).unwrap_or_default() {
            _ if scripted.is_some_and(|reply| reply != Reply::TakeAndEnd) => scripted.unwrap(),
            "EHLO" => {
                let name = command.trim_start_matches("EHLO ").to_owned();
                script.lock().unwrap().names.push(name);
                Reply::Line("250 ok")
            }
            "MAIL" => {
                from = address();
                Reply::Line("250 ok")
            }
            "RCPT" => {
                to = address();
                Reply::Line("250 ok")
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                let message = Message { from: from.clone(), to: to.clone(), text };
                script.lock().unwrap().messages.push(message);
                if scripted.is_some() { Reply::End } else { Reply::Line("250 taken") }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => Reply::Line("250 ok"),
        };
    }
}
