//! The bodies of requests as clients of all kinds send them: packed, with a byte order mark, with
//! any name of UTF-8, with whole numbers that have a point, or not at all.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, TestApp, john, on_both_engines};

const JSON: (&str, &str) = ("content-type", "application/json");
const TYPENAME: &str = r#"{"query":"{ __typename }"}"#;
/// The same text, as Node's zlib makes it with br.
const TYPENAME_BR: &[u8] = b"\x8b\x0c\x80\x7b\x22\x71\x75\x65\x72\x79\x22\x3a\x22\x7b\x20\x5f\x5f\
    \x74\x79\x70\x65\x6e\x61\x6d\x65\x20\x7d\x22\x7d\x03";
/// A million spaces, as Node's zlib makes it with br.
const BOMB_BR: &[u8] = b"\x5b\x3f\x42\x8f\x5f\x02\x24\x1e\x0b\x04\xf2\x73\x1e\x00";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

async fn post(app: &TestApp, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let request = app.request(reqwest::Method::POST, path).body(body.to_vec());
    let request = headers.iter().fold(request, |one, (name, value)| one.header(*name, *value));
    TestApp::send(request).await
}

async fn appointments(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment").await
}

on_both_engines! {
    async fn a_packed_body_is_read_by_both_doors(engine) {
        let app = TestApp::spawn(engine).await;
        for (coding, body) in [
            ("gzip", gzip(TYPENAME.as_bytes())),
            ("GZip", gzip(TYPENAME.as_bytes())),
            ("x-gzip", gzip(TYPENAME.as_bytes())),
            ("identity, gzip", gzip(TYPENAME.as_bytes())),
            // Two members are one text.
            ("gzip", [gzip(&TYPENAME.as_bytes()[..9]), gzip(&TYPENAME.as_bytes()[9..])].concat()),
            ("br", TYPENAME_BR.to_vec()),
            ("identity", TYPENAME.as_bytes().to_vec()),
            ("", TYPENAME.as_bytes().to_vec()),
        ] {
            let answer = post(&app, "/graphql", &[JSON, ("content-encoding", coding)], &body).await;
            assert_eq!(answer.status, 200, "{coding}: {answer:?}");
            assert_eq!(answer.json(), json!({ "data": { "__typename": "Query" } }), "{coding}");
        }
        let visit = gzip(json!({ "patient": john() }).to_string().as_bytes());
        let booked = post(&app, "/appointment", &[JSON, ("content-encoding", "gzip")], &visit).await;
        assert_eq!((booked.status.as_u16(), &booked.json()["patient"]), (201, &json!("John Doe")));
        assert_eq!(appointments(&app).await, 1);
    }
}

#[tokio::test]
async fn another_coding_is_refused_by_its_name() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for coding in ["deflate", "zstd", "compress", "gzip, br", "gzip, gzip", "br;q=1", "Gzip2"] {
        for path in ["/graphql", "/appointment", "/appointment/x/cancel"] {
            let headers = [JSON, ("content-encoding", coding)];
            let answer = post(&app, path, &headers, TYPENAME.as_bytes()).await;
            assert_eq!(answer.problem(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()), "{coding}");
            let named = coding.to_lowercase();
            assert_eq!(
                answer.json()["detail"],
                format!(
                    "The body's Content-Encoding is {named}; it may be one of gzip and br, or none"
                )
            );
            assert_eq!(answer.header("accept-encoding"), "gzip, br", "{coding}");
        }
    }
    // What is wrong with the media type is no matter of codings.
    let answer = post(&app, "/graphql", &[("content-type", "text/plain")], b"{}").await;
    assert_eq!((answer.status.as_u16(), answer.header("accept-encoding")), (415, ""));
}

#[tokio::test]
async fn a_body_that_is_not_packed_as_it_says_is_refused() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let id = app.book(&json!({ "patient": john() })).await.json()["appointment_id"].clone();
    let cancel = format!("/appointment/{}/cancel", id.as_str().unwrap());
    let packed = gzip(b"{}");
    let mut wrong_sum = packed.clone();
    wrong_sum[packed.len() - 8] ^= 1;
    for (coding, body) in [
        ("br", b"{}".to_vec()),
        ("br", TYPENAME.as_bytes().to_vec()),
        ("br", br#"{"reason":"x"}"#.to_vec()),
        ("br", gzip(b"{}")),
        // A whole text of br, of no letters, and more after it.
        ("br", b"\x3b{}".to_vec()),
        ("br", TYPENAME_BR[..TYPENAME_BR.len() - 4].to_vec()),
        ("gzip", b"{}".to_vec()),
        ("gzip", packed[..packed.len() - 2].to_vec()),
        ("gzip", [packed.as_slice(), b"{}"].concat()),
        ("gzip", wrong_sum),
    ] {
        for path in ["/graphql", "/appointment", cancel.as_str()] {
            let headers = [JSON, ("content-encoding", coding)];
            let answer = post(&app, path, &headers, &body).await;
            assert_eq!(answer.problem(), (400, "BAD_REQUEST".to_owned()), "{coding} {body:?}");
            let detail = format!("The body is not {coding}, as its Content-Encoding says");
            assert_eq!(answer.json()["detail"], detail);
        }
    }
    let shown = app.get(&format!("/appointment/{}", id.as_str().unwrap())).await;
    assert_eq!(shown.json()["status"], "CONFIRMED");
}

#[tokio::test]
async fn the_limit_counts_what_comes_out() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let most = 64 * 1024;
    for (coding, body) in [("gzip", gzip(&vec![b' '; 100_000_000])), ("br", BOMB_BR.to_vec())] {
        for path in ["/graphql", "/appointment", "/appointment/x/cancel"] {
            let headers = [JSON, ("content-encoding", coding)];
            // What a hundred megabytes are when they are packed is more than a plain body may be.
            let body = &body[..body.len().min(most)];
            let answer = post(&app, path, &headers, body).await;
            assert_eq!(answer.problem(), (413, "PAYLOAD_TOO_LARGE".to_owned()), "{coding} {path}");
            assert_eq!(answer.json()["detail"], format!("The body must be at most {most} bytes"));
        }
    }
    // To the byte, also where packing makes it larger.
    let noise = (0_u64..).map(|n| n.wrapping_mul(6_364_136_223_846_793_005) >> 33);
    let noise: String =
        noise.map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap())).take(most).collect();
    let exactly = |bytes: usize| {
        let frame = r#"{"query":"{ __typename }","x":""}"#;
        frame.replace(r#":"""#, &format!(":\"{}\"", &noise[..bytes - frame.len()]))
    };
    let mut stored = GzEncoder::new(Vec::new(), Compression::none());
    stored.write_all(exactly(most).as_bytes()).unwrap();
    let stored = stored.finish().unwrap();
    assert!(stored.len() > most);
    let headers = [JSON, ("content-encoding", "gzip")];
    for (body, status) in [
        (stored, 200),
        (gzip(exactly(most).as_bytes()), 200),
        (gzip(exactly(most + 1).as_bytes()), 413),
    ] {
        let answer = post(&app, "/graphql", &headers, &body).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn utf_8_is_known_by_every_name_and_nothing_else_is() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let charsets = [
        ("utf-8", 200),
        ("UTF-8", 200),
        ("utf8", 200),
        ("Utf8", 200),
        ("\"utf-8\"", 200),
        ("\"UTF8\"", 200),
        ("utf_8", 200),
        ("unicode-1-1-utf-8", 200),
        ("csUTF8", 200),
        ("", 415),
        ("utf-16", 415),
        ("utf-16le", 415),
        ("utf-7", 415),
        ("utf-88", 415),
        ("iso-8859-1", 415),
        ("us-ascii", 415),
    ];
    for (charset, status) in charsets {
        let media_type = format!("application/json; charset={charset}");
        let headers = [("content-type", media_type.as_str())];
        let answer = post(&app, "/graphql", &headers, TYPENAME.as_bytes()).await;
        assert_eq!(answer.status, status, "{charset}: {answer:?}");
        let rest = post(&app, "/appointment", &headers, b"{}").await;
        assert_eq!(rest.status.as_u16(), if status == 200 { 422 } else { 415 }, "{charset}");
    }
    let both = "application/json; charset=utf-8; charset=utf-16";
    let answer = post(&app, "/graphql", &[("content-type", both)], TYPENAME.as_bytes()).await;
    assert_eq!(answer.problem(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let marked = |text: &str| [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let answer = post(&app, "/graphql", &[JSON], &marked(TYPENAME)).await;
    assert_eq!(answer.json(), json!({ "data": { "__typename": "Query" } }));
    let headers = [JSON, ("content-encoding", "gzip")];
    let visit = marked(&json!({ "patient": john() }).to_string());
    assert_eq!(post(&app, "/appointment", &headers, &gzip(&visit)).await.status, 201);
    // One is a mark; the second is a letter that JSON does not have there. Nor is it UTF-16's.
    for body in [marked("\u{feff}{}"), b"\xff\xfe{\0}\0".to_vec()] {
        let answer = post(&app, "/appointment", &[JSON], &body).await;
        assert_eq!(answer.problem(), (400, "BAD_REQUEST".to_owned()));
    }
}

on_both_engines! {
    async fn a_whole_number_may_have_a_point(engine) {
        let app = TestApp::spawn(engine).await;
        let visit = |minutes: &str| format!("{{\"patient\":{},\"duration_minutes\":{minutes}}}", john());
        let mut last = Value::Null;
        for minutes in ["45.0", "4.5e1", "450e-1", "45"] {
            let answer = post(&app, "/appointment", &[JSON], visit(minutes).as_bytes()).await;
            assert_eq!(answer.status, 201, "{minutes}: {answer:?}");
            last = answer.json();
            assert_eq!(last["duration_minutes"], 45, "{minutes}");
        }
        for minutes in ["30.5", "45.0000001", "1e300", "\"30\"", "\"30.0\"", "[30]"] {
            let answer = post(&app, "/appointment", &[JSON], visit(minutes).as_bytes()).await;
            assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()), "{minutes}");
            assert_eq!(answer.json()["errors"], json!([
                { "pointer": "/duration_minutes", "detail": "must be a whole number" }
            ]));
        }
        // The same key and the same visit, spelt otherwise, is a repeat.
        let keyed = [JSON, ("idempotency-key", "one")];
        let first = post(&app, "/appointment", &keyed, visit("60").as_bytes()).await;
        let again = post(&app, "/appointment", &keyed, visit("60.0").as_bytes()).await;
        assert_eq!(again.header("idempotency-replayed"), "true", "{again:?}");
        assert_eq!(first.json()["appointment_id"], again.json()["appointment_id"]);
        let move_to = format!("/appointment/{}/reschedule", last["appointment_id"].as_str().unwrap());
        let body = format!("{{\"time\":{},\"duration_minutes\":40.0}}", last["time"]);
        assert_eq!(post(&app, &move_to, &[JSON], body.as_bytes()).await.json()["duration_minutes"], 40);
        let provider = last["provider_id"].as_str().unwrap();
        let first = app.get(&format!("/appointments/first-available?provider_id={provider}&duration_minutes=25.0")).await;
        assert_eq!(first.json()["duration_minutes"], 25, "{first:?}");
        for minutes in ["25.5", "%2025", "25.", "0x19", ""] {
            let wrong = format!("/appointments/first-available?provider_id={provider}&duration_minutes={minutes}");
            assert_eq!(app.get(&wrong).await.problem(), (422, "INVALID_INPUT".to_owned()), "{minutes}");
        }
    }
}

on_both_engines! {
    async fn an_empty_body_is_none_where_it_is_optional(engine) {
        let app = TestApp::spawn(engine).await;
        let cases: [&[(&str, &str)]; 6] = [
            &[],
            &[JSON],
            &[("content-type", "application/json; charset=utf8")],
            &[("content-type", "text/plain")],
            &[("content-type", "application/x-www-form-urlencoded")],
            &[JSON, ("content-encoding", "gzip")],
        ];
        for headers in cases {
            let id = app.book(&json!({ "patient": john() })).await.json()["appointment_id"].clone();
            let cancel = format!("/appointment/{}/cancel", id.as_str().unwrap());
            let answer = post(&app, &cancel, headers, b"").await;
            assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (200, &json!("CANCELLED")), "{headers:?}");
            // What is there is read, and has to be what it says.
            let plain = post(&app, &cancel, &[("content-type", "text/plain")], b"{}").await;
            assert_eq!(plain.problem(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
            assert_eq!(post(&app, &cancel, &[JSON], b" ").await.problem(), (400, "BAD_REQUEST".to_owned()));
        }
        let packed = gzip(b"");
        let id = app.book(&json!({ "patient": john() })).await.json()["appointment_id"].clone();
        let cancel = format!("/appointment/{}/cancel", id.as_str().unwrap());
        assert_eq!(post(&app, &cancel, &[JSON, ("content-encoding", "gzip")], &packed).await.status, 200);
        // Where one is needed, nothing is not enough.
        for path in ["/appointment", cancel.replace("/cancel", "/reschedule").as_str()] {
            assert_eq!(post(&app, path, &[JSON], b"").await.problem(), (400, "BAD_REQUEST".to_owned()));
        }
    }
}
