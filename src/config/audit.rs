//! Settings of the audit trail.

use super::reader::Reader;
use crate::audit::SHORTEST;

impl Reader<'_> {
    /// The key; never repeated in what is said of it.
    pub(super) fn audit_key(&mut self) -> Option<String> {
        let key = self.text("AUDIT_KEY")?;
        if key.len() < SHORTEST || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let expected = format!(
                "must be at least {SHORTEST} visible ASCII characters, such as those of openssl rand -hex 32"
            );
            self.wrong("AUDIT_KEY", &expected);
        }
        Some(key)
    }
}
