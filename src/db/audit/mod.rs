//! The audit trail: its rows, the seals over them, and what may be asked of both.

mod callers;
mod history;
mod list;
mod row;
mod seals;
mod unsealed;
mod walk;
mod write;

pub use callers::last_caller;
pub use history::changes_of;
pub use list::{count, find, page};
pub use seals::{
    forget_below, forgettable, head, last_checkpoint, move_head, put_checkpoint, put_seals,
    put_subjects, take_turn,
};
pub use unsealed::{Horizon, WaitingForSeal, horizon, last_sealed, unsealed, waiting_for_seal};
pub use walk::{
    Linked, Unsealed, has_not_begun, highest_sealed, seal_at, subjects_after, unsealed_within, walk,
};
pub use write::{insert, insert_by_themselves};
