//! A WebSocket spoken byte by byte, so that it can be spoken wrongly.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::case::code_in;

pub(super) const TEXT: u8 = 0x81;
pub(super) const PING: u8 = 0x89;
pub(super) const CLOSE: u8 = 0x88;
/// What the last ping of a case says: its pong tells that all before was survived.
pub(super) const LAST: &str = "last";

/// A frame as a client sends it, masked, with these first eight bits.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, payload.len(), true);
    let mask = [0x5a, 0xa5, 0x3c, 0xc3];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

pub(super) fn text(message: &str) -> Vec<u8> {
    frame(TEXT, message.as_bytes())
}

/// What comes before the mask and the payload.
pub(super) fn head(first: u8, length: usize, masked: bool) -> Vec<u8> {
    let mask = if masked { 0x80 } else { 0 };
    let mut head = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => head.push(mask | short),
        (_, Ok(length)) => {
            head.push(mask | 0x7e);
            head.extend(length.to_be_bytes());
        }
        _ => {
            head.push(mask | 127);
            head.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    head
}

/// The request for a WebSocket with these headers beside those that all of them have.
pub(super) fn handshake(headers: &str) -> String {
    format!(
        "GET /graphql/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// What came of it: the status of a refused handshake and its code; or 101 and what was said
/// first about an operation, or "pong"; or the code that closed it, 0 for none.
pub(super) async fn speak(url: &str, handshake: &str, frames: &[u8]) -> (u16, String) {
    let stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let answer = async {
        let mut heard = Vec::new();
        loop {
            if let Some(outcome) = outcome(&mut heard) {
                return outcome;
            }
            let read = timeout(Duration::from_secs(30), reader.read_buf(&mut heard)).await;
            match read.expect("nothing more is said, and the connection stays open") {
                Ok(0) | Err(_) => return (0, String::new()),
                Ok(_) => {}
            }
        }
    };
    let question = async {
        // A server that has heard enough may close before it has read all.
        drop(writer.write_all(handshake.as_bytes()).await);
        drop(writer.write_all(frames).await);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = answer => outcome,
        () = question => unreachable!(),
    }
}

/// The outcome, once enough was heard; what was understood is taken away.
fn outcome(bytes: &mut Vec<u8>) -> Option<(u16, String)> {
    if bytes.starts_with(b"HTTP/1.") {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let status: u16 = head.get(9..12)?.parse().ok()?;
        if status != 101 {
            let length = head.split_once("content-length: ")?.1.lines().next()?.parse().ok()?;
            let body = bytes.get(end..)?.get(..length)?;
            return Some((status, code_in(&String::from_utf8_lossy(body))));
        }
        bytes.drain(..end);
    }
    loop {
        let length = usize::from(bytes.get(1)? & 0x7f);
        let (start, length) = match length {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
            127 => {
                (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?)
            }
            length => (2, length),
        };
        let payload = bytes.get(start..start + length)?;
        let outcome = match bytes[0] {
            CLOSE => {
                let code = payload.get(..2).map(|code| u16::from_be_bytes([code[0], code[1]]));
                Some((code.unwrap_or(1005), String::new()))
            }
            TEXT => said(&serde_json::from_slice(payload).unwrap()),
            // The pong of a ping below the protocol.
            _ => (payload == LAST.as_bytes()).then(|| (101, "pong".to_owned())),
        };
        bytes.drain(..start + length);
        if outcome.is_some() {
            return outcome;
        }
    }
}

fn said(message: &Value) -> Option<(u16, String)> {
    let said = match message["type"].as_str().unwrap() {
        "error" => message["payload"][0]["extensions"]["code"].as_str().unwrap().to_owned(),
        "next" => "next".to_owned(),
        "pong" if message["payload"]["n"] == LAST => "pong".to_owned(),
        _ => return None,
    };
    Some((101, said))
}
