//! Files with patients in them are their owner's alone.

use std::fs::OpenOptions;
use std::path::Path;

/// Makes the file of a database if it is not there. The files that `SQLite` makes beside it get its
/// mode. What can't be made is found out by whoever opens it.
pub(super) fn make(file: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(file));
}

/// Warns when others may read a file that was there before: it may be meant so, for a backup's group
/// say, and is left as it is.
pub fn warn_unless_owners_only(file: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = file.metadata() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            let file = file.display();
            tracing::warn!(
                "{file} holds patients and can be read by others on this machine (mode {mode:o}): \
                 chmod 600 {file}*"
            );
        }
    }
}
