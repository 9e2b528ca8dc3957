//! Idempotency keys.

/// Makes a retry safe: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that was sent; `None` when it is not acceptable.
    pub fn parse(text: &str) -> Option<Self> {
        // The header draft sends a quoted string; the key is what is inside.
        let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=255).contains(&key.len())).then(|| Self(key.to_owned()))
    }
}
