//! What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414).

use serde::Deserialize;
use url::Url;

use super::issuer::Issuer;

/// How we show a provider who we are, when we hand in a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// Id and secret in the header.
    Basic,
    /// Id and secret in the form.
    Post,
    /// No secret that it takes.
    Neither,
}

/// Where a provider's endpoints are, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where people say who they are.
    pub authorization_endpoint: Url,
    /// Where a code is handed in.
    pub token_endpoint: Url,
    /// Where the keys are.
    pub keys: Url,
    /// How it takes our secret.
    pub client_authentication: ClientAuthentication,
    /// Whether each of its answers names it (RFC 9207).
    pub names_itself: bool,
    /// Whether it can be asked for single claims.
    pub takes_claims: bool,
}

/// Why what a provider says of itself can't be used, in words of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableMetadata {
    /// It is no such document.
    #[error("its description can't be read")]
    Malformed,
    /// It speaks of another.
    #[error("it names another issuer than OIDC_ISSUER, which must be the same letter by letter")]
    OtherIssuer,
    /// An endpoint is missing, or not to be trusted.
    #[error("one of its endpoints is missing, or not https")]
    Endpoint,
    /// It has no code flow.
    #[error("it has no authorization code flow")]
    NoCodeFlow,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    response_types_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    claims_parameter_supported: bool,
}

impl Metadata {
    /// Reads what the issuer says of itself.
    ///
    /// # Errors
    ///
    /// [`UnusableMetadata`].
    pub fn read(body: &[u8], issuer: &Issuer) -> Result<Self, UnusableMetadata> {
        let Ok(document) = serde_json::from_slice::<Document>(body) else {
            return Err(UnusableMetadata::Malformed);
        };
        if document.issuer != issuer.as_str() {
            return Err(UnusableMetadata::OtherIssuer);
        }
        let types = document.response_types_supported;
        if types.is_some_and(|types| !types.iter().any(|one| one == "code")) {
            return Err(UnusableMetadata::NoCodeFlow);
        }
        let endpoint = |text: &str| issuer.endpoint(text).ok_or(UnusableMetadata::Endpoint);
        let methods = document.token_endpoint_auth_methods_supported;
        Ok(Self {
            authorization_endpoint: endpoint(&document.authorization_endpoint)?,
            token_endpoint: endpoint(&document.token_endpoint)?,
            keys: endpoint(&document.jwks_uri)?,
            client_authentication: client_authentication(methods.as_deref()),
            names_itself: document.authorization_response_iss_parameter_supported,
            takes_claims: document.claims_parameter_supported,
        })
    }
}

/// In the header unless it takes that in the form alone; the first is what it is by default.
fn client_authentication(methods: Option<&[String]>) -> ClientAuthentication {
    let takes = |method: &str| methods.is_none_or(|all| all.iter().any(|one| one == method));
    if takes("client_secret_basic") {
        ClientAuthentication::Basic
    } else if takes("client_secret_post") {
        ClientAuthentication::Post
    } else {
        ClientAuthentication::Neither
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(change: impl FnOnce(&mut Value)) -> Result<Metadata, UnusableMetadata> {
        let mut document = json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/auth?tenant=1",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://keys.example/jwks",
        });
        change(&mut document);
        Metadata::read(document.to_string().as_bytes(), &"https://id.example".parse().unwrap())
    }

    #[test]
    fn the_least_that_a_provider_says_is_enough() {
        let metadata = read(|_| ()).unwrap();
        assert_eq!(metadata.client_authentication, ClientAuthentication::Basic);
        assert!(!metadata.names_itself && !metadata.takes_claims);
        assert_eq!(metadata.authorization_endpoint.query(), Some("tenant=1"));
    }

    #[test]
    fn what_cant_be_trusted_is_not() {
        use UnusableMetadata::{Endpoint, Malformed, NoCodeFlow, OtherIssuer};
        type Change = fn(&mut Value);
        let cases: [(Change, UnusableMetadata); 6] = [
            (|it| it["issuer"] = json!("https://id.example/"), OtherIssuer),
            (|it| it["issuer"] = json!(7), Malformed),
            (|it| it["jwks_uri"] = json!("http://keys.example/jwks"), Endpoint),
            (|it| it["token_endpoint"] = json!("/token"), Endpoint),
            (|it| it["response_types_supported"] = json!(["id_token"]), NoCodeFlow),
            (|it| *it = json!([]), Malformed),
        ];
        for (change, expected) in cases {
            assert_eq!(read(change), Err(expected));
        }
    }

    #[test]
    fn the_secret_goes_where_the_provider_takes_it() {
        for (methods, expected) in [
            (json!(["client_secret_post", "client_secret_basic"]), ClientAuthentication::Basic),
            (json!(["private_key_jwt", "client_secret_post"]), ClientAuthentication::Post),
            (json!(["private_key_jwt"]), ClientAuthentication::Neither),
        ] {
            let read = read(|it| it["token_endpoint_auth_methods_supported"] = methods).unwrap();
            assert_eq!(read.client_authentication, expected);
        }
    }
}
