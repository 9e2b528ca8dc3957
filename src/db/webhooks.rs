//! Programs that are told what happens to visits, and what they are told. Whoever writes deliveries of an endpoint
//! and the endpoint itself writes the endpoint first.

mod delivery;
mod endpoint;
mod health;
mod list;
mod telling;

pub use delivery::{
    Lease, insert_trial, is_any_due, lease_due, old, put_off_followers, record, remove_old,
};
pub use endpoint::{
    Target, active, all, change, find, insert, locked, secrets, set_secrets, target,
};
pub use health::{clear_left_over, is_any_left_over, note_failing, note_working, switch_off};
pub use list::{Standing, count, find as find_delivery, page, standing};
pub use telling::{begin_after, begin_again_after, position, take_down};
