//! Hostile requests to the REST door, and bytes that are no HTTP at all.

use reqwest::Method;
use serde_json::json;

use super::case::Case;

const BAD: (u16, &str) = (400, "BAD_REQUEST");
const INVALID: (u16, &str) = (422, "INVALID_INPUT");
const NOT_FOUND: (u16, &str) = (404, "NOT_FOUND");

pub(super) fn cases() -> Vec<Case> {
    [bodies(), addresses(), wire()].into_iter().flatten().collect()
}

fn bodies() -> Vec<Case> {
    let post = |name: &str, body: Vec<u8>, expected| {
        Case::http(format!("REST: {name}"), Method::POST, "/appointment", expected)
            .header("content-type", "application/json")
            .body(body)
    };
    let patient = json!({ "name": "John Doe", "email": "john@example.com", "state": "CT", "insurance": "Aetna" });
    let unknown: String = (0..3000).map(|n| format!("\"k{n}\": 1,")).collect();
    vec![
        post("nothing", Vec::new(), BAD),
        post("a brace", b"{".to_vec(), BAD),
        post("a list", b"[]".to_vec(), BAD),
        post("null", b"null".to_vec(), BAD),
        post("30000 brackets", "[".repeat(30_000).into_bytes(), BAD),
        post("12000 objects", "{\"a\":".repeat(12_000).into_bytes(), BAD),
        post("no UTF-8", b"{\"patient\": \"\xff\"}".to_vec(), BAD),
        post("a megabyte", vec![b' '; 1_000_000], (413, "PAYLOAD_TOO_LARGE")),
        post("an empty object", b"{}".to_vec(), INVALID),
        post("a patient that is a list", json!({ "patient": [] }).to_string().into_bytes(), INVALID),
        post("3000 unknown fields", format!("{{{unknown}\"x\": 1}}").into_bytes(), INVALID),
        post("a name of 60 KB", json!({ "patient": { "name": "x".repeat(60_000), "email": "a@b.co", "state": "CT", "insurance": "Aetna" } }).to_string().into_bytes(), INVALID),
        post("a state of 60 KB", json!({ "patient": { "name": "x", "email": "a@b.co", "state": "x".repeat(60_000), "insurance": "Aetna" } }).to_string().into_bytes(), INVALID),
        post("a payer of 60 KB", json!({ "patient": { "name": "x", "email": "a@b.co", "state": "CT", "insurance": "x".repeat(60_000) } }).to_string().into_bytes(), INVALID),
        post("a time that is none", json!({ "patient": patient, "time": "tomorrow" }).to_string().into_bytes(), INVALID),
        post("a duration beyond 64 bits", json!({ "patient": patient, "duration_minutes": u64::MAX }).to_string().into_bytes(), INVALID),
        post("a key of 8 KB", json!({ "patient": patient }).to_string().into_bytes(), INVALID).header("idempotency-key", "k".repeat(8000)),
        post("a key of other bytes", json!({ "patient": patient }).to_string().into_bytes(), INVALID).header("idempotency-key", b"\xff"),
    ]
}

fn addresses() -> Vec<Case> {
    let get = |path: String, expected| {
        let shown: String = path.chars().take(60).collect();
        Case::http(format!("GET {shown}"), Method::GET, path, expected)
    };
    let mut cases: Vec<Case> = [
        ("/appointment/x".to_owned(), NOT_FOUND),
        ("/appointment/%00".to_owned(), NOT_FOUND),
        ("/appointment/%ff".to_owned(), NOT_FOUND),
        ("/appointment/..%2f..%2fetc%2fpasswd".to_owned(), NOT_FOUND),
        (format!("/appointment/{}", "x".repeat(20_000)), NOT_FOUND),
        ("/appointment/apt_zzzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(), NOT_FOUND),
        ("/assets/graphiql/..%2f..%2f..%2fCargo.toml".to_owned(), NOT_FOUND),
        ("/wp-admin/setup.php".to_owned(), NOT_FOUND),
        ("/.env".to_owned(), NOT_FOUND),
        ("/appointments".to_owned(), INVALID),
        ("/appointments?provider_id=x&from=a&to=b".to_owned(), INVALID),
        ("/appointments?limit=-1&limit=2".to_owned(), INVALID),
        ("/appointments?%".to_owned(), BAD),
        ("/appointments?from=%ff".to_owned(), BAD),
        (format!("/appointments?{}", "a=1&".repeat(2000)), INVALID),
        (format!("/appointments?cursor={}", "x".repeat(20_000)), INVALID),
        ("/slots?state=CT&insurance=Aetna&cursor=7fffffffffffffff.1.prv_00000000000000000000000000".to_owned(), INVALID),
        ("/slots?provider_id=%00&from=-9999-01-01&to=99999-01-01".to_owned(), INVALID),
        (format!("/providers?name={}&state={}", "x".repeat(20_000), "y".repeat(20_000)), (422, "UNKNOWN_STATE")),
        ("/patients?search=%00&cursor=pat_zzzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(), INVALID),
        ("/appointments/first-available?after=0001-01-01T00:00:00Z&state=CT&insurance=Aetna&duration_minutes=99999999999999999999".to_owned(), INVALID),
    ]
    .into_iter()
    .map(|(path, expected)| get(path, expected))
    .collect();
    for (method, path) in [
        (Method::DELETE, "/appointment/x"),
        (Method::PUT, "/appointment"),
        (Method::POST, "/healthz"),
    ] {
        let name = format!("{method} {path}");
        cases.push(Case::http(name, method, path, (405, "METHOD_NOT_ALLOWED")));
    }
    cases
}

/// What no client library sends.
fn wire() -> Vec<Case> {
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let body = "{\"query\": \"{ __typename }\"}";
    let raw =
        |name: &str, bytes: String, expected| Case::raw(format!("wire: {name}"), bytes, expected);
    let with_length = |length: &str| format!("{head}Content-Length: {length}\r\n\r\n{body}");
    let chunked = |chunks: &str| format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}");
    let many: String = (0..500).map(|n| format!("X-H{n}: 1\r\n")).collect();
    let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    vec![
        raw("a longer Content-Length than body", with_length("1000"), BAD).cut_off(),
        raw("a shorter Content-Length than body", with_length("5"), BAD),
        raw("a Content-Length beyond 64 bits", with_length("99999999999999999999"), (400, "")),
        raw("a Content-Length of many gigabytes", with_length("999999999999"), BAD).cut_off(),
        raw("a negative Content-Length", with_length("-1"), (400, "")),
        raw("a Content-Length that is none", with_length("x"), (400, "")),
        raw(
            "two Content-Lengths",
            format!("{head}Content-Length: 5\r\nContent-Length: 27\r\n\r\n{body}"),
            (400, ""),
        ),
        raw(
            "a body in one chunk",
            chunked(&format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())),
            (200, ""),
        ),
        raw("a chunk that is cut", chunked(&format!("ff\r\n{body}")), BAD).cut_off(),
        raw("a chunk of no size", chunked("zz\r\nabc\r\n"), BAD),
        raw("a chunk beyond 64 bits", chunked("fffffffffffffffff\r\nabc\r\n"), BAD),
        raw(
            "a chunk with 20 KB of extension",
            chunked(&format!("1;{}\r\na\r\n", "x".repeat(20_000))),
            BAD,
        ),
        raw("a thousand chunks", chunked(&("1\r\n \r\n".repeat(1000) + "0\r\n\r\n")), BAD),
        raw("chunks without an end", chunked(&"1\r\n \r\n".repeat(1000)), BAD).cut_off(),
        raw("an unknown coding", format!("{head}Transfer-Encoding: gzip\r\n\r\n{body}"), (400, "")),
        raw("nothing", String::new(), (0, "")).cut_off(),
        raw("garbage", "\r\n\r\n\r\nGARBAGE\r\n\r\n".to_owned(), (400, "")),
        Case::raw(
            "wire: a TLS greeting",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
            (400, ""),
        ),
        Case::raw("wire: binary", (0..=255_u8).cycle().take(5000).collect::<Vec<u8>>(), (400, "")),
        raw("a greeting of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), (0, ""))
            .cut_off(),
        raw("HTTP/0.9", "GET /healthz\r\n\r\n".to_owned(), (400, "")),
        raw("HTTP/9.9", "GET /healthz HTTP/9.9\r\n\r\n".to_owned(), (400, "")),
        raw("500 headers", format!("{get}{many}\r\n"), (431, "")),
        raw(
            "a header of a megabyte",
            format!("{get}X: {}\r\n\r\n", "x".repeat(1_000_000)),
            (431, ""),
        ),
        raw(
            "an address of 70 KB",
            format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(70_000)),
            (414, ""),
        ),
        raw("a NUL in a header", format!("{get}X: a\0b\r\n\r\n"), (400, "")),
        raw("a folded header", format!("{get}X: a\r\n b\r\n\r\n"), (400, "")),
        raw("a header without a colon", format!("{get}nothing\r\n\r\n"), (400, "")),
        raw("headers that are cut", get.to_owned(), (0, "")).cut_off(),
        raw(
            "an absolute address",
            "GET http://evil.example.com/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                .to_owned(),
            (200, ""),
        ),
        raw(
            "CONNECT",
            "CONNECT evil.example.com:443 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                .to_owned(),
            (421, "MISDIRECTED_REQUEST"),
        ),
        raw("fifty requests at once", format!("{get}\r\n").repeat(50), (200, "")).cut_off(),
        raw(
            "a body that nobody asked for",
            format!("{get}Connection: close\r\nContent-Length: 5\r\n\r\nabcde"),
            (200, ""),
        ),
    ]
}
