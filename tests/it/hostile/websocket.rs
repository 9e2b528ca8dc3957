//! Hostile `WebSocket`s: the handshake, the frames, the words.

use serde_json::{Value, json};

use super::case::{Case, EVIL};
use super::documents::many;
use super::socket::{CLOSE, LAST, PING, TEXT, frame, handshake, head, text};

pub(super) const PONG: (u16, &str) = (101, "pong");
pub(super) const REFUSED: (u16, &str) = (400, "BAD_REQUEST");
const PROTOCOL: &str = "Sec-WebSocket-Protocol: graphql-transport-ws\r\n";

pub(super) fn cases() -> Vec<Case> {
    [handshakes(), before_init(), frames(), messages()].into_iter().flatten().collect()
}

pub(super) const fn closed(code: u16) -> (u16, &'static str) {
    (code, "")
}

/// A connection of the protocol on which these bytes are sent at once.
pub(super) fn open(name: &str, frames: impl Into<Vec<u8>>, expected: (u16, &'static str)) -> Case {
    Case::socket(format!("WebSocket: {name}"), handshake(PROTOCOL), frames, expected)
}

pub(super) fn init() -> Vec<u8> {
    text(r#"{"type":"connection_init"}"#)
}

/// The same after `connection_init`.
pub(super) fn ready(name: &str, frames: impl AsRef<[u8]>, expected: (u16, &'static str)) -> Case {
    open(name, [&init(), frames.as_ref()].concat(), expected)
}

pub(super) fn last_ping() -> Vec<u8> {
    text(&json!({ "type": "ping", "payload": { "n": LAST } }).to_string())
}

pub(super) fn subscribe(id: &str, payload: &Value) -> Vec<u8> {
    text(&json!({ "type": "subscribe", "id": id, "payload": payload }).to_string())
}

fn handshakes() -> Vec<Case> {
    let with = |name: &str, request: String, expected| {
        Case::socket(format!("handshake {name}"), request, last_ping(), expected)
    };
    let names = |count: usize| many(count, |n| format!("p{n}, "));
    let usual = || handshake(PROTOCOL);
    vec![
        with("without a subprotocol", handshake(""), closed(4406)),
        with(
            "of the older protocol",
            handshake("Sec-WebSocket-Protocol: graphql-ws\r\n"),
            closed(4406),
        ),
        with(
            "of 1000 other protocols",
            handshake(&format!("Sec-WebSocket-Protocol: {}q\r\n", names(1000))),
            closed(4406),
        ),
        with(
            "of 1000 protocols and ours",
            handshake(&format!("Sec-WebSocket-Protocol: {}graphql-transport-ws\r\n", names(1000))),
            PONG,
        ),
        with(
            "with no word between the commas",
            handshake("Sec-WebSocket-Protocol: ,,,\r\n"),
            closed(4406),
        ),
        with("without a key", usual().replace("Sec-WebSocket-Key", "X-Key"), REFUSED),
        with("of version 8", usual().replace("Version: 13", "Version: 8"), REFUSED),
        with("of version 13abc", usual().replace("Version: 13", "Version: 13abc"), REFUSED),
        with("without a version", usual().replace("Sec-WebSocket-Version", "X-Version"), REFUSED),
        with("to HTTP/2", usual().replace("Upgrade: websocket", "Upgrade: h2c"), REFUSED),
        with("to nothing", usual().replace("Upgrade: websocket\r\n", ""), REFUSED),
        with(
            "that keeps alive",
            usual().replace("Connection: Upgrade", "Connection: keep-alive"),
            REFUSED,
        ),
        with("by HTTP/1.0", usual().replace("HTTP/1.1", "HTTP/1.0"), REFUSED),
        with("by POST", usual().replace("GET", "POST"), (405, "METHOD_NOT_ALLOWED")),
        with(
            "at another address",
            usual().replace("/graphql/ws", "/graphql"),
            (400, "BAD_REQUEST"),
        ),
        with(
            "from another site",
            handshake(&format!("{PROTOCOL}Origin: {EVIL}\r\n")),
            (403, "FORBIDDEN_ORIGIN"),
        ),
        with(
            "from nowhere",
            handshake(&format!("{PROTOCOL}Origin: null\r\n")),
            (403, "FORBIDDEN_ORIGIN"),
        ),
        with(
            "from what looks like the host",
            handshake(&format!("{PROTOCOL}Origin: http://x.evil.example.com\r\n")),
            (403, "FORBIDDEN_ORIGIN"),
        ),
        with(
            "with extensions that nobody speaks",
            handshake(&format!(
                "{PROTOCOL}Sec-WebSocket-Extensions: permessage-deflate, {}\r\n",
                names(1000)
            )),
            PONG,
        ),
    ]
}

fn before_init() -> Vec<Case> {
    let query = json!({ "query": "subscription { appointmentChanged { kind } }" });
    vec![
        open("subscribed before init", subscribe("1", &query), closed(4401)),
        open(
            "a mutation before init",
            subscribe("1", &json!({ "query": "mutation { a }" })),
            closed(4401),
        ),
        open("an id of 60 KB before init", subscribe(&"i".repeat(60_000), &query), closed(4401)),
        open("garbage before init", text("\u{0}\u{ffff}"), closed(4400)),
        open("nothing before init", text(""), closed(4400)),
        open("brackets before init", text(&"[".repeat(60_000)), closed(4400)),
        open("binary before init", frame(0x82, b"{}"), closed(4400)),
        open(
            "a word of the older protocol before init",
            text(r#"{"type":"start","id":"1"}"#),
            closed(4400),
        ),
        open("HTTP before init", *b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", closed(1002)),
        open(
            "a complete before init",
            [text(r#"{"type":"complete","id":"1"}"#), last_ping()].concat(),
            PONG,
        ),
        open(
            "init with bottomless JSON",
            text(&format!(r#"{{"type":"connection_init","payload":{}"#, r#"{"a":"#.repeat(9000))),
            closed(4400),
        ),
        open(
            "init with 60 KB",
            [
                text(
                    &json!({ "type": "connection_init", "payload": { "a": "x".repeat(60_000) } })
                        .to_string(),
                ),
                last_ping(),
            ]
            .concat(),
            PONG,
        ),
    ]
}

/// What RFC 6455 forbids.
fn frames() -> Vec<Case> {
    let broken = closed(1002);
    let unmasked = |payload: &[u8]| [head(TEXT, payload.len(), false), payload.to_vec()].concat();
    let announced = |length: usize| [head(TEXT, length, true), vec![0; 4]].concat();
    let pieces = |count: usize, each: &[u8]| {
        let mut bytes = frame(0x01, each);
        bytes.extend(frame(0x00, each).repeat(count));
        bytes
    };
    let mut cases = vec![
        ready("an unmasked frame", unmasked(br#"{"type":"ping"}"#), broken),
        ready("unmasked garbage", unmasked(&[0xff; 1000]), broken),
        ready("a continuation of nothing", frame(0x80, b"{}"), broken),
        ready("a message inside another", [frame(0x01, b"{"), text("{}")].concat(), broken),
        ready("a ping in pieces", frame(0x09, b"a"), broken),
        ready("a ping of 126 bytes", frame(PING, &[0; 126]), broken),
        ready("text that is no UTF-8", frame(TEXT, b"\xff\xfe\xc0"), closed(1007)),
        ready(
            "text that ends inside a character",
            frame(TEXT, "{\"€".split_at(2).0.as_bytes()),
            closed(4400),
        ),
        ready("binary", frame(0x82, b"{\"type\":\"ping\"}"), closed(4400)),
        ready("too large", text(&" ".repeat(65_537)), closed(1009)),
        ready("too large in pieces", pieces(40, &[b' '; 2000]), closed(1009)),
        ready("announces 64 KiB and sends nothing", announced(65_537), closed(1009)),
        ready("announces 2^62 bytes", announced(1 << 62), closed(1009)),
        ready(
            "announces more than a number holds",
            [&[TEXT, 0xff][..], &[0xff; 12]].concat(),
            closed(1009),
        ),
        ready(
            "20000 empty pieces",
            [pieces(20_000, b""), frame(0x80, b""), last_ping()].concat(),
            closed(4400),
        ),
        ready(
            "one message a byte at a time",
            {
                let message = json!({ "type": "ping", "payload": { "n": LAST } }).to_string();
                let mut bytes = frame(0x01, b"");
                bytes.extend(message.bytes().flat_map(|byte| frame(0x00, &[byte])));
                [bytes, frame(0x80, b"")].concat()
            },
            PONG,
        ),
        ready(
            "random bytes",
            (0..60_000_u32)
                .map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
                .collect::<Vec<_>>(),
            broken,
        ),
        ready("a close of one byte", frame(CLOSE, b"x"), broken),
    ];
    for opcode in [0x83, 0x87, 0x8b, 0x8f] {
        cases.push(ready(&format!("opcode {opcode:#x}"), frame(opcode, b"{}"), broken));
    }
    for bits in [0xc1, 0xa1, 0x91] {
        cases.push(ready(&format!("reserved bits {bits:#x}"), frame(bits, b"{}"), broken));
    }
    cases
}

/// What the protocol's words forbid.
fn messages() -> Vec<Case> {
    let said = |name: &str, message: &str| ready(name, text(message), closed(4400));
    let bottomless = |key: &str, open: &str| {
        format!(r#"{{"type":"subscribe","id":"1","payload":{{"{key}":{}"#, open.repeat(9000))
    };
    vec![
        said("no JSON", "hello"),
        said("a number", "1"),
        said("a batch", r#"[{"type":"ping"},{"type":"ping"}]"#),
        said("brackets without end", &"[".repeat(60_000)),
        said("variables without end", &bottomless("variables", r#"{"a":"#)),
        said("a query without end", &bottomless("query", "[")),
        said("a ping without end", &format!(r#"{{"type":"ping","payload":{}"#, "[".repeat(60_000))),
        said("no type", "{}"),
        said("a type that is a list", r#"{"type":[]}"#),
        said("an unknown type", r#"{"type":"subscribe_all","id":"1"}"#),
        said("two types", r#"{"type":"ping","type":"subscribe"}"#),
        said("a type of the server", r#"{"type":"next","id":"1","payload":{}}"#),
        said("a type of 60 KB", &json!({ "type": "x".repeat(60_000) }).to_string()),
        said("an id that is a number", r#"{"type":"subscribe","id":1,"payload":{}}"#),
        said("no id", r#"{"type":"subscribe","payload":{}}"#),
        said("no payload", r#"{"type":"subscribe","id":"1"}"#),
        said("half a surrogate", r#"{"type":"subscribe","id":"\ud800","payload":{}}"#),
        ready("init twice", init(), closed(4429)),
        ready("10000 inits", init().repeat(10_000), closed(4429)),
    ]
}
