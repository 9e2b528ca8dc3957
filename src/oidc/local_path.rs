//! Where somebody is led once they have signed in: to a page of ours, and nowhere else.

use url::Url;

const LONGEST: usize = 2000;

/// A path of ours, with its query: `/desk?day=2027-01-15`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl Default for LocalPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl LocalPath {
    /// The path, if it leads nowhere else for any browser.
    pub fn read(text: &str) -> Option<Self> {
        // Browsers take `//host` and `/\host` for another host, and pass over tabs and line ends.
        let is_plain = text.starts_with('/')
            && !text.starts_with("//")
            && text.len() <= LONGEST
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let base = Url::parse("https://here.invalid").ok()?;
        let read = base.join(text).ok().filter(|_| is_plain)?;
        // `/./` and `/../` may leave two slashes at the beginning.
        let is_ours = read.origin() == base.origin() && !read.path().starts_with("//");
        // The way in again would lead round and round.
        let is_page = !read.path().starts_with("/session");
        (is_ours && is_page).then(|| Self(text.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_ours_is_taken_as_it_stands() {
        for text in ["/", "/desk?day=2027-01-15&view=day", "/graphql#query", "/a%2F%2Fb"] {
            assert_eq!(LocalPath::read(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn nothing_leads_elsewhere() {
        for text in [
            "",
            "desk",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/desk/..//evil.example",
            "/%0d%0aSet-Cookie:a=b\r\n",
            " /desk",
            "javascript:alert(1)",
            "/session/oidc",
            "/./session/oidc?to=/",
        ] {
            assert_eq!(LocalPath::read(text), None, "{text:?}");
        }
        assert_eq!(LocalPath::read(&format!("/{}", "a".repeat(LONGEST))), None);
    }
}
