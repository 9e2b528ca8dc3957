//! Who may own a feed by how the server is set.

/// Which owners there are that are no person and no token: by how the server is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedKeepers {
    /// Whether everybody may do everything.
    pub everybody: bool,
    /// Whether there is a token of the settings.
    pub api_token: bool,
}
