//! The book kept in a file: one JSON line a decision, appended before the reply is sent.
//!
//! Processes that share the file take turns under its lock, and each reads what the others
//! appended before it decides. Nothing is forced to the disk: a killed process loses nothing, and
//! against a power cut a mock need not guard.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::book::{Book, Change, Entry, Reply};

/// What a call comes to.
pub(super) enum Verdict {
    /// Decided for good: the same key gets the same reply.
    Decided { reply: Reply, change: Option<Change> },
    /// Said, but not remembered: the same key may fare better another time.
    Passing(Reply),
}

/// The book and the file it is kept in, if any.
pub(super) struct Ledger {
    book: Book,
    journal: Option<Journal>,
}

struct Journal {
    file: Arc<File>,
    /// How many bytes of the file are in the book; always at the beginning of a line.
    read_to: u64,
}

/// The file's exclusive lock, held until dropped.
struct Lock(Arc<File>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::error!(%error, "Could not unlock the mocked service's ledger: {error}");
        }
    }
}

impl Ledger {
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let mut ledger = Self { book: Book::default(), journal: None };
        if let Some(path) = path {
            let mut options = File::options();
            options.read(true).append(true).create(true);
            // It holds patients.
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(path)?;
            ledger.journal = Some(Journal { file: Arc::new(file), read_to: 0 });
            ledger.catch_up()?;
        }
        Ok(ledger)
    }

    /// The book as all who share the file have left it.
    pub(super) fn read(&mut self) -> io::Result<&Book> {
        self.catch_up()?;
        Ok(&self.book)
    }

    /// Replies as before if the key was decided on before, else decides and writes it down.
    pub(super) fn decide(
        &mut self,
        key: String,
        decide: impl FnOnce(&Book) -> Verdict,
    ) -> io::Result<Reply> {
        let _lock = self.catch_up()?;
        if let Some(reply) = self.book.reply_under(&key) {
            return Ok(reply.clone());
        }
        match decide(&self.book) {
            Verdict::Passing(reply) => Ok(reply),
            Verdict::Decided { reply, change } => {
                let entry = Entry { key, reply: reply.clone(), change };
                if let Some(journal) = &mut self.journal {
                    journal.append(&entry)?;
                }
                self.book.apply(entry);
                Ok(reply)
            }
        }
    }

    /// Takes the file's lock and reads what is new in it.
    fn catch_up(&mut self) -> io::Result<Option<Lock>> {
        let Some(journal) = &mut self.journal else {
            return Ok(None);
        };
        journal.file.lock()?;
        let lock = Lock(Arc::clone(&journal.file));
        if journal.file.metadata()?.len() < journal.read_to {
            // Somebody emptied the file: the service has forgotten everything.
            journal.read_to = 0;
            self.book = Book::default();
        }
        for entry in journal.unread()? {
            self.book.apply(entry);
        }
        Ok(Some(lock))
    }
}

impl Journal {
    /// The entries others appended. Cuts off a last line without its end: the lock is ours, so
    /// nobody is writing it any more, and its reply was never sent.
    fn unread(&mut self) -> io::Result<Vec<Entry>> {
        let length = self.file.metadata()?.len();
        if length == self.read_to {
            return Ok(Vec::new());
        }
        let mut file = &*self.file;
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(self.read_to))?;
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        text.truncate(whole);
        let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let entries = lines.map(read_line).collect::<io::Result<Vec<_>>>()?;
        self.read_to += u64::try_from(whole).map_err(io::Error::other)?;
        if self.read_to < length {
            tracing::warn!("Cut a torn last line off the mocked service's ledger");
            file.set_len(self.read_to)?;
        }
        Ok(entries)
    }

    fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        // If only a part gets written, the next to take the lock cuts it off.
        (&*self.file).write_all(&line)?;
        self.read_to += u64::try_from(line.len()).map_err(io::Error::other)?;
        Ok(())
    }
}

fn read_line(line: &[u8]) -> io::Result<Entry> {
    // serde's own text may quote the line, and with it a patient's name.
    serde_json::from_slice(line).map_err(|error| {
        let text = format!("a line is no ledger entry ({:?} error)", error.classify());
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}
