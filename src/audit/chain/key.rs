//! The key of the trail: whoever has it can say what was never done, and whoever has not can't.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::domain::audit::Mac;

/// The fewest characters of a key that somebody sets.
pub const SHORTEST: usize = 32;

/// The key can't be had; the words say what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(pub String);

/// A key, or none: then the chain shows what was changed to whoever changed one row, and nothing to
/// whoever makes the whole chain anew. No `Debug`: it is a secret.
#[derive(Clone)]
pub struct AuditKey {
    hmac: Hmac<Sha256>,
    id: Vec<u8>,
}

impl AuditKey {
    /// A key of those bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for fewer than 32.
    pub fn of(secret: &str) -> Result<Self, KeyError> {
        if secret.len() < SHORTEST {
            return Err(KeyError(format!(
                "a key of the audit trail has at least {SHORTEST} characters"
            )));
        }
        let mut key = Self::made_of(secret.as_bytes())?;
        key.id = key.mac(b"clinic audit key id 1").iter().take(8).copied().collect();
        Ok(key)
    }

    /// No key.
    ///
    /// # Errors
    ///
    /// None that can be: HMAC takes any key.
    pub fn none() -> Result<Self, KeyError> {
        Self::made_of(b"")
    }

    fn made_of(secret: &[u8]) -> Result<Self, KeyError> {
        let hmac = Hmac::<Sha256>::new_from_slice(secret);
        let hmac = hmac.map_err(|_of_no_length| KeyError("this is no key".to_owned()))?;
        Ok(Self { hmac, id: Vec::new() })
    }

    /// A key that nobody knows but this process, for a trail that ends with it.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn random() -> Result<Self, KeyError> {
        Self::of(&random_secret())
    }

    /// The key in a file, which is made, its owner's alone, where it is not there.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when it can neither be read nor made.
    pub fn in_file(file: &Path) -> Result<Self, KeyError> {
        match read(file) {
            Ok(secret) => Self::of(&secret).map_err(|error| named(file, &error.to_string())),
            Err(ErrorKind::NotFound) => Self::made_in(file),
            Err(error) => Err(named(file, &error.to_string())),
        }
    }

    /// The key in a file that is there.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when it can't be read.
    pub fn read_from(file: &Path) -> Result<Self, KeyError> {
        let secret = read(file).map_err(|error| named(file, &error.to_string()))?;
        Self::of(&secret).map_err(|error| named(file, &error.to_string()))
    }

    fn made_in(file: &Path) -> Result<Self, KeyError> {
        let secret = random_secret();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(file).and_then(|mut made| {
            made.write_all(secret.as_bytes())?;
            made.write_all(b"\n")?;
            made.sync_all()
        });
        match written {
            Ok(()) => Self::of(&secret),
            // Another server that starts at the same moment has made it, and may be writing it.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::read_from(file),
            Err(error) => Err(named(file, &error.kind().to_string())),
        }
    }

    /// Tells it from others, and nothing about it; empty where there is no key.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// Whether it is one.
    pub fn is_one(&self) -> bool {
        !self.id.is_empty()
    }

    pub(in crate::audit) fn mac(&self, bytes: &[u8]) -> Mac {
        let mut hmac = self.hmac.clone();
        hmac.update(bytes);
        hmac.finalize().into_bytes().into()
    }

    /// Whether that is what this key makes of those bytes; says so in the same time whatever it is.
    pub(in crate::audit) fn has_made(&self, mac: &Mac, bytes: &[u8]) -> bool {
        self.mac(bytes).ct_eq(mac).into()
    }
}

/// Where the key of a database in a file is kept.
pub fn file_beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".audit-key");
    PathBuf::from(name)
}

fn read(file: &Path) -> Result<String, ErrorKind> {
    let mut secret = String::new();
    let mut opened = OpenOptions::new().read(true).open(file).map_err(|error| error.kind())?;
    opened.read_to_string(&mut secret).map_err(|error| error.kind())?;
    warn_unless_owners_only(file);
    Ok(secret.trim().to_owned())
}

fn warn_unless_owners_only(file: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = file.metadata() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            let file = file.display();
            tracing::warn!(
                "{file} holds the key of the audit trail and can be read by others on this machine \
                 (mode {mode:o}): chmod 600 {file}"
            );
        }
    }
}

fn named(file: &Path, what: &str) -> KeyError {
    KeyError(format!("the key of the audit trail in {}: {what}", file.display()))
}

fn random_secret() -> String {
    rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hmac_sha_256() {
        // RFC 4231, test case 6: a key longer than a block.
        let key = AuditKey::made_of(&[0xaa; 131]).unwrap();
        let mac = key.mac(b"Test Using Larger Than Block-Size Key - Hash Key First");
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn a_key_is_made_once_in_its_file_and_read_from_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = file_beside(&folder.path().join("clinic.db"));
        assert!(file.ends_with("clinic.db.audit-key"));
        let key = AuditKey::in_file(&file).unwrap();
        assert_eq!(AuditKey::in_file(&file).unwrap().id(), key.id());
        assert_eq!(AuditKey::read_from(&file).unwrap().id(), key.id());
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&file, "short").unwrap();
        assert!(AuditKey::in_file(&file).is_err());
    }
}
