//! Who calls: with which token or session, from which page, at which of our names, from which address.

mod authentication;
mod authority;
mod client_address;
mod guesses;
mod host;
mod origin;
mod own_cookie;
mod page_origin;
mod proxied;
mod public_url;
mod rate;
mod shown;

pub use authentication::{Authenticator, SettingsTokens};
pub use authority::Authority;
pub use client_address::{Network, TrustedProxies};
pub use host::HostPolicy;
pub use origin::Origin;
pub use page_origin::OriginPolicy;
pub use proxied::ProxyPolicy;
pub use public_url::PublicUrl;
pub use rate::RateLimit;

pub(super) use authentication::{
    Connecting, Speaker, authenticate, authenticate_connection, authenticate_for_metrics,
    foreign_page,
};
pub(super) use client_address::{ClientAddress, PeerAddress, note_client};
pub(super) use guesses::NotAdmitted;
pub(super) use host::{check_host, named_host};
pub(super) use page_origin::{check_origin, cors};
pub(super) use proxied::refuse_proxied;
pub(super) use public_url::{link_publicly, strip_prefix};
pub(super) use rate::{Caller, by_address, limit_rate, whole_seconds};
pub(super) use shown::{Shown, is_of_other_page, is_own_form};
