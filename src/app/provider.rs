//! The clinic's own identity provider, where the settings name one.

use std::sync::Arc;

use crate::domain::Clock;
use crate::oidc::{ClientError, HttpIdentityProvider, OidcClient, OidcSettings};

/// A client of the provider; none where there is none. Nothing is asked of it yet: a server starts
/// without it.
pub(super) fn client(
    settings: Option<&OidcSettings>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<OidcClient>>, ClientError> {
    let Some(settings) = settings else { return Ok(None) };
    let provider = Arc::new(HttpIdentityProvider::new(settings)?);
    Ok(Some(Arc::new(OidcClient::new(settings.clone(), provider, Arc::clone(clock)))))
}
