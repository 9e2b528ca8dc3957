//! Telling one request from another under one idempotency key.

use sha2::{Digest, Sha256};

/// What stands for the parts of a request: its operation, and everything that was asked.
pub fn fingerprint(parts: &[impl AsRef<str>]) -> String {
    let mut hasher = Sha256::new();
    for part in parts.iter().map(AsRef::as_ref) {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
