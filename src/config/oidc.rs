//! Settings of the clinic's own identity provider.

use super::reader::Reader;
use crate::oidc::{Issuer, OidcSettings};

/// A token of that form is the provider's.
const FORM_OF_A_JWT: &str = "eyJ";

impl Reader<'_> {
    /// The identity provider, if there is one.
    pub(super) fn oidc(&mut self, api_token: Option<&str>) -> Option<OidcSettings> {
        let issuer = self.text("OIDC_ISSUER");
        let client_id = self.text("OIDC_CLIENT_ID");
        let client_secret = self.text("OIDC_CLIENT_SECRET");
        let audience = self.text("OIDC_AUDIENCE");
        let role_claim = self.text("OIDC_ROLE_CLAIM");
        let Some(issuer) = issuer else {
            for (name, value) in [
                ("OIDC_CLIENT_ID", &client_id),
                ("OIDC_CLIENT_SECRET", &client_secret),
                ("OIDC_AUDIENCE", &audience),
                ("OIDC_ROLE_CLAIM", &role_claim),
            ] {
                if value.is_some() {
                    self.wrong(
                        name,
                        "is set, and OIDC_ISSUER, which says whose client this is, is not",
                    );
                }
            }
            return None;
        };
        if api_token.is_some_and(|token| token.starts_with(FORM_OF_A_JWT)) {
            self.wrong("API_TOKEN", "must not be a JWT where OIDC_ISSUER is set: it would be taken for one of its tokens");
        }
        let issuer: Option<Issuer> = issuer.parse().ok();
        if issuer.is_none() {
            self.wrong(
                "OIDC_ISSUER",
                "must be the issuer as its tokens name it, such as https://id.example.com/realms/clinic: \
                 https, or http on this machine, without a query",
            );
        }
        if client_id.is_none() {
            self.wrong(
                "OIDC_CLIENT_ID",
                "must be set where OIDC_ISSUER is: the name that this server has there",
            );
        }
        let (issuer, client_id) = issuer.zip(client_id)?;
        Some(OidcSettings { issuer, client_id, client_secret, audience, role_claim })
    }
}
