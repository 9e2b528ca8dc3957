//! What a token says.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Number, Value as Json};

use super::refusal::TokenRefusal;

/// How wrong the clocks of a provider and of this machine may be.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
/// The longest subject that OpenID Connect allows, in bytes.
const LONGEST_SUBJECT: usize = 255;

/// What a token says (RFC 7519; OpenID Connect Core 1.0, section 2). No `Debug`: it names somebody.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    pub(super) sub: String,
    aud: Audience,
    exp: Number,
    nbf: Option<Number>,
    iat: Option<Number>,
    pub(super) azp: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) at_hash: Option<String>,
    /// Only tokens about what has happened have it, such as that somebody has signed out (RFC 8417).
    events: Option<Json>,
    #[serde(flatten)]
    others: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// What must hold of every token, whoever brings it.
    pub(super) fn check(
        &self,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        if self.iss != issuer {
            return Err(TokenRefusal::Issuer);
        }
        if !self.is_for(audience) {
            return Err(TokenRefusal::Audience);
        }
        if self.sub.is_empty() || self.sub.len() > LONGEST_SUBJECT || self.events.is_some() {
            return Err(TokenRefusal::Claims);
        }
        if self.counts_until()? <= now {
            return Err(TokenRefusal::Expired);
        }
        for from in [&self.nbf, &self.iat].into_iter().flatten() {
            if moment(from)?.duration_since(now) > LEEWAY {
                return Err(TokenRefusal::NotYetValid);
            }
        }
        Ok(())
    }

    /// Whether it is meant for that reader.
    pub(super) fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            Audience::One(one) => one == audience,
            Audience::Several(all) => all.iter().any(|one| one == audience),
        }
    }

    /// Whether others read it too.
    pub(super) fn is_for_others(&self) -> bool {
        matches!(&self.aud, Audience::Several(all) if all.len() > 1)
    }

    /// From then on it is worth nothing.
    pub(super) fn counts_until(&self) -> Result<Timestamp, TokenRefusal> {
        moment(&self.exp)?.checked_add(LEEWAY).map_err(|_out_of_range| TokenRefusal::Claims)
    }

    /// The address, if the provider has seen for itself that it is theirs.
    pub(super) fn verified_email(&self) -> Option<&str> {
        // Some providers write every value as text.
        let is_verified = match self.others.get("email_verified")? {
            Json::Bool(verified) => *verified,
            Json::String(verified) => verified == "true",
            _ => false,
        };
        self.others.get("email")?.as_str().filter(|_| is_verified)
    }

    /// What is claimed under that name: one text, alone or as the one of a list.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.others.get(name)? {
            Json::String(text) => Some(text),
            Json::Array(list) => match list.as_slice() {
                [Json::String(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A `NumericDate`: seconds since 1970, which may have a fraction.
fn moment(date: &Number) -> Result<Timestamp, TokenRefusal> {
    let seconds = date.as_f64().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
    let moment = seconds.and_then(|seconds| Timestamp::from_duration(seconds).ok());
    moment.ok_or(TokenRefusal::Claims)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(others: &Json) -> Claims {
        let mut claims = json!({ "iss": "i", "sub": "s", "aud": "a", "exp": 1000 });
        claims.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        serde_json::from_value(claims).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_token_counts_from_its_time_to_its_time_and_half_a_minute_around() {
        for (others, second, expected) in [
            (json!({}), 1029, Ok(())),
            (json!({}), 1030, Err(TokenRefusal::Expired)),
            (json!({ "exp": 1000.5 }), 1030, Ok(())),
            (json!({ "nbf": 500 }), 470, Ok(())),
            (json!({ "nbf": 500 }), 469, Err(TokenRefusal::NotYetValid)),
            (json!({ "iat": 500 }), 469, Err(TokenRefusal::NotYetValid)),
            (json!({ "exp": 1e300 }), 500, Err(TokenRefusal::Claims)),
            (json!({ "exp": -1e300 }), 500, Err(TokenRefusal::Claims)),
        ] {
            assert_eq!(claims(&others).check("i", "a", at(second)), expected, "{others} {second}");
        }
    }

    #[test]
    fn what_is_about_somebody_elses_or_about_nobody_does_not_count() {
        for (others, expected) in [
            (json!({ "iss": "i/" }), TokenRefusal::Issuer),
            (json!({ "aud": "b" }), TokenRefusal::Audience),
            (json!({ "aud": [] }), TokenRefusal::Audience),
            (json!({ "aud": ["b", "c"] }), TokenRefusal::Audience),
            (json!({ "sub": "" }), TokenRefusal::Claims),
            (json!({ "sub": "s".repeat(256) }), TokenRefusal::Claims),
            (json!({ "events": {} }), TokenRefusal::Claims),
        ] {
            assert_eq!(claims(&others).check("i", "a", at(0)), Err(expected), "{others}");
        }
        assert!(claims(&json!({ "aud": ["b", "a"] })).check("i", "a", at(0)).is_ok());
    }

    #[test]
    fn an_address_counts_where_the_provider_has_verified_it() {
        for (others, expected) in [
            (json!({ "email": "a@b.example", "email_verified": true }), Some("a@b.example")),
            (json!({ "email": "a@b.example", "email_verified": "true" }), Some("a@b.example")),
            (json!({ "email": "a@b.example", "email_verified": false }), None),
            (json!({ "email": "a@b.example", "email_verified": 1 }), None),
            (json!({ "email": "a@b.example" }), None),
            (json!({ "email": ["a@b.example"], "email_verified": true }), None),
        ] {
            assert_eq!(claims(&others).verified_email(), expected, "{others}");
        }
    }

    #[test]
    fn a_claim_is_one_text() {
        for (value, expected) in [
            (json!("ADMIN"), Some("ADMIN")),
            (json!(["ADMIN"]), Some("ADMIN")),
            (json!(["ADMIN", "VIEWER"]), None),
            (json!([]), None),
            (json!([["ADMIN"]]), None),
            (json!({ "0": "ADMIN" }), None),
            (json!(null), None),
        ] {
            let claims = claims(&json!({ "https://clinic.example/role": value }));
            assert_eq!(claims.text("https://clinic.example/role"), expected);
        }
    }
}
