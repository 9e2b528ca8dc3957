//! The bodies of requests, as far as both doors read them alike.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;
use serde_json::Value;

use super::content_coding::{ContentCoding, too_long};
use super::problem::Problem;
use crate::request::ErrorCode;

/// The largest body of a REST request, in bytes.
pub(super) const LARGEST_BODY: usize = 64 * 1024;

/// Some programs begin a text with it; to JSON (RFC 8259, section 8.1) it may be nothing.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether the media type is JSON, in the one encoding that JSON has.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let media_type = value.to_str().unwrap_or_default();
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, encoding)) if name.trim().eq_ignore_ascii_case("charset") => is_utf8(encoding),
        _ => true,
    };
    essence.eq_ignore_ascii_case("application/json") && parts.all(utf8)
}

/// Whether a charset is UTF-8, as anybody spells it: names of charsets are compared by their letters
/// and digits (Unicode Technical Standard 22, section 1.4).
fn is_utf8(charset: &str) -> bool {
    let key: String = charset.chars().filter(char::is_ascii_alphanumeric).collect();
    // The names of the WHATWG's Encoding Standard, and of IANA.
    ["utf8", "csutf8", "unicode11utf8", "unicode20utf8", "xunicode20utf8"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&key))
}

/// The refusal of what is not JSON by its media type.
pub(super) fn not_json() -> Problem {
    let detail = "The body must be JSON, and say so: -H 'Content-Type: application/json'";
    Problem::new(ErrorCode::UnsupportedMediaType, detail)
}

/// How long a body may take to arrive, from its first byte to its last.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// The text of a request, unpacked, up to a number of bytes.
pub(super) async fn read_bytes(
    headers: &HeaderMap,
    body: Body,
    most: usize,
) -> Result<Bytes, Problem> {
    let coding = ContentCoding::of(headers)?;
    let packed = receive(body, coding.most_packed(most), most).await?;
    let mut bytes = coding.unpack(packed, most)?;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        drop(bytes.split_to(BYTE_ORDER_MARK.len()));
    }
    Ok(bytes)
}

/// The bytes as they arrive, up to `most`; who sends more is told that `told` may be.
async fn receive(body: Body, most: usize, told: usize) -> Result<Bytes, Problem> {
    match tokio::time::timeout(ARRIVES_WITHIN, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(too_long(told)),
        Ok(Err(_broken)) => Err(Problem::new(ErrorCode::BadRequest, "The body is cut off")),
        Err(_elapsed) => {
            let detail = format!("The body must arrive within {} s", ARRIVES_WITHIN.as_secs());
            Err(Problem::new(ErrorCode::BadRequest, detail))
        }
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    matches!(std::error::Error::source(error), Some(cause) if cause.is::<LengthLimitError>())
}

/// The whole number that a JSON value is, in any spelling: `30`, `30.0` and `3e1` are one.
pub(super) fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        // Beyond 2^53 a double no longer tells whole numbers apart.
        let whole = |number: &f64| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
        format!("{:.0}", value.as_f64().filter(whole)?).parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let never =
            Body::from_stream(futures_util::stream::pending::<Result<Bytes, axum::Error>>());
        let problem = read_bytes(&HeaderMap::new(), never, 100)
            .await
            .err()
            .and_then(|problem| serde_json::to_value(problem).ok());
        assert_eq!(problem.unwrap()["code"], "BAD_REQUEST");
    }

    #[test]
    fn a_whole_number_is_one_in_every_spelling() {
        let read = |text: &str| whole_number(&serde_json::from_str(text).unwrap());
        for (text, number) in
            [("30", 30), ("30.0", 30), ("3e1", 30), ("300e-1", 30), ("-0.0", 0), ("-5.0", -5)]
        {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for text in ["30.5", "1e300", "9007199254740993.0", "\"30\"", "[30]", "true", "null"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
