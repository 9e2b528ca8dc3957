//! A trick on the library, which is pinned to one release: read it last. It does what a way in of the
//! library's own would do better, and goes when there is one.
//!
//! - `batching`: loaders read after the poll of the operation that asked, through a spawner and a
//!   timer that are none, so that what a query costs in statements is always the same.
//!
//! `statements.rs` in `tests/it` notices when a release answers otherwise.

mod batching;

pub use batching::batched;
pub(super) use batching::{AfterThePoll, AtOnce};
