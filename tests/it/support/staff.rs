//! A server where access is closed, and people who come in.

use reqwest::Method;
use serde_json::{Value, json};

use super::app::{Answer, TestApp, TestAppBuilder};
use super::database::Engine;
use super::subscriber::WebSocketClient;

/// The token of the settings.
pub(crate) const API_TOKEN: &str = "a-token-for-tests-only";
/// What everybody's password is here.
pub(crate) const PASSWORD: &str = "seven wise badgers";

/// Somebody on the staff.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) invitation: String,
}

/// A server that lets nobody in but by the token of the settings, or as it is told later.
pub(crate) fn closed(engine: Engine) -> TestAppBuilder {
    TestApp::builder(engine).setting("API_TOKEN", API_TOKEN)
}

impl TestApp {
    /// A GraphQL operation by whoever bears that token; the whole answer.
    pub(crate) async fn graphql_as(&self, token: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self.request(Method::POST, "/graphql").bearer_auth(token).json(&body);
        Self::send(request).await.json()
    }

    /// A mutation of people or tokens by an administrator; what its one field answers.
    pub(crate) async fn administer(&self, operation: &str, fields: &str, input: Value) -> Value {
        self.administer_as(API_TOKEN, operation, fields, input).await
    }

    /// The same by whoever bears that token.
    pub(crate) async fn administer_as(
        &self,
        token: &str,
        operation: &str,
        fields: &str,
        input: Value,
    ) -> Value {
        let name = operation[..1].to_uppercase() + &operation[1..];
        let query = format!(
            "mutation ($input: {name}Input!) {{ {operation}(input: $input) {{ {fields}
                error {{ code message ... on InvalidInput {{ violations {{ field message }} }}
                    ... on VersionConflict {{ currentVersion }} }} }} }}"
        );
        let answer = self.graphql_as(token, &query, json!({ "input": input })).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        answer["data"][operation].clone()
    }

    /// Adds somebody to the staff.
    pub(crate) async fn add_member(
        &self,
        name: &str,
        role: &str,
        provider: Option<&str>,
    ) -> Member {
        let local = name.to_lowercase().replace(' ', ".");
        let local: String = local.chars().filter(|c| c.is_alphanumeric() || *c == '.').collect();
        let email = format!("{local}@clinic.example");
        let input = json!({ "name": name, "email": email, "role": role, "providerId": provider });
        let added = self.administer("createPerson", "person { id } invitation", input).await;
        assert_eq!(added["error"], Value::Null, "{added}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Member { id: text(&added["person"]["id"]), email, invitation: text(&added["invitation"]) }
    }

    /// Sets the usual password by an invitation.
    pub(crate) async fn accept(&self, invitation: &str) {
        let body = json!({ "invitation": invitation, "password": PASSWORD });
        let answer = self.post("/session/password", &body).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    /// A token of a machine in that role: its id and its secret.
    pub(crate) async fn make_token(&self, role: &str, provider: Option<&str>) -> (String, String) {
        let input = json!({ "name": "a script", "role": role, "providerId": provider });
        let made = self.administer("createToken", "token { id } secret", input).await;
        assert_eq!(made["error"], Value::Null, "{made}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&made["token"]["id"]), text(&made["secret"]))
    }

    /// Tries to sign in.
    pub(crate) async fn try_to_sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/session", &json!({ "email": email, "password": password })).await
    }

    /// Adds somebody who sets a password and signs in; the cookie that their browser keeps.
    pub(crate) async fn signed_in(&self, name: &str, role: &str) -> (Member, String) {
        let member = self.add_member(name, role, None).await;
        self.accept(&member.invitation).await;
        let cookie = self.sign_in(&member).await;
        (member, cookie)
    }

    /// Signs somebody in who has the usual password.
    pub(crate) async fn sign_in(&self, member: &Member) -> String {
        let answer = self.try_to_sign_in(&member.email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        cookie_of(&answer)
    }

    /// A request as a page of the server's own sends it, with the cookie of a session.
    pub(crate) fn by_own_page(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
    ) -> reqwest::RequestBuilder {
        self.request(method, path).header("origin", &self.url).header("cookie", cookie)
    }

    /// Who a session's cookie is told to be; the status.
    pub(crate) async fn session_status(&self, cookie: &str) -> u16 {
        let request = self.by_own_page(Method::GET, "/session", cookie);
        Self::send(request).await.status.as_u16()
    }

    /// A WebSocket that a page of the server's own has opened, with the cookie of a session.
    pub(crate) async fn socket_by_own_page(&self, cookie: &str) -> WebSocketClient {
        let headers = [
            ("sec-websocket-protocol", "graphql-transport-ws"),
            ("origin", self.url.as_str()),
            ("cookie", cookie),
        ];
        WebSocketClient::connect(&self.url, &headers).await.unwrap()
    }
}

/// The cookie that an answer has a browser keep, as it is sent back.
pub(crate) fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

impl TestApp {
    /// The id of the provider of that name, for whoever bears that token.
    pub(crate) async fn provider_id_as(&self, token: &str, name: &str) -> String {
        let query = "{ providers(first: 100) { nodes { id name } } }";
        let answer = self.graphql_as(token, query, json!({})).await;
        let nodes = answer["data"]["providers"]["nodes"].as_array().unwrap().clone();
        let found = nodes.iter().find(|node| node["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }
}
