//! Who calls: with which token, from which page, at which of our names, from which address.

mod authority;
mod client_address;
mod guesses;
mod host;
mod origin;
mod pace;
mod page_origin;
mod public_url;
mod rate;
mod token;

pub use authority::Authority;
pub use client_address::{Network, TrustedProxies};
pub use host::HostPolicy;
pub use origin::Origin;
pub use page_origin::OriginPolicy;
pub use public_url::PublicUrl;
pub use rate::RateLimit;
pub use token::Authenticator;

pub(super) use client_address::{ClientAddress, PeerAddress, note_client};
pub(super) use guesses::NotAdmitted;
pub(super) use host::check_host;
pub(super) use page_origin::{check_origin, cors};
pub(super) use public_url::{link_publicly, strip_prefix};
pub(super) use rate::{Caller, limit_rate, whole_seconds};
pub(super) use token::{authenticate, authenticate_for_metrics, bearer, caller, refusal};
