//! Settings of who may call, from where, and under which name.

use std::num::NonZeroU32;
use std::str::FromStr;

use super::reader::Reader;
use crate::http::{Authority, Network, Origin, PublicUrl, TrustedProxies};

const MOST_PER_MINUTE: u32 = 1_000_000;

/// An origin as people list it, who often end it with a slash.
struct ListedOrigin(Origin);

impl FromStr for ListedOrigin {
    type Err = <Origin as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_suffix('/').unwrap_or(text).parse().map(Self)
    }
}

impl Reader<'_> {
    pub(super) fn origins(&mut self) -> Vec<Origin> {
        let expected = "must be origins such as https://desk.example.com or capacitor://localhost, \
                        without a path or a *, separated by commas";
        self.list::<ListedOrigin>("CORS_ORIGINS", expected).into_iter().map(|one| one.0).collect()
    }

    pub(super) fn rate_limit(&mut self) -> Option<NonZeroU32> {
        let limit = self.text("RATE_LIMIT_PER_MINUTE")?.parse().ok();
        let limit = limit.filter(|limit: &NonZeroU32| limit.get() <= MOST_PER_MINUTE);
        if limit.is_none() {
            self.wrong("RATE_LIMIT_PER_MINUTE", "must be a number from 1 to 1000000, or left out");
        }
        limit
    }

    pub(super) fn hosts(&mut self) -> Vec<Authority> {
        let expected = "must be names or addresses such as clinic.example.com, with a port if only \
                        that one is meant, separated by commas";
        self.list("HOSTS", expected)
    }

    pub(super) fn public_url(&mut self) -> Option<PublicUrl> {
        let url = self.text("PUBLIC_URL")?.parse();
        if url.is_err() {
            let expected = "must be the address that people type, such as https://clinic.example.com \
                            or https://example.com/clinic";
            self.wrong("PUBLIC_URL", expected);
        }
        url.ok()
    }

    pub(super) fn trusted_proxies(&mut self) -> TrustedProxies {
        let expected = "must be networks or addresses such as 10.0.0.0/8, separated by commas";
        self.list::<Network>("TRUSTED_PROXIES", expected).into_iter().collect()
    }
}
