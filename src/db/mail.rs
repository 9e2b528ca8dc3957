//! What patients are told by mail: up to where the log of what happens is read for that, and each mail.

mod about;
mod delivery;
mod list;
mod row;
mod taking;

pub use about::{about, about_each, about_many};
pub use delivery::{Lease, count_due, is_told_since, lease_due, old, record, remove_old, replace};
pub use list::{Standing, count, find, find_to_change, of_visits, page, standing};
pub use taking::{
    Untold, Upcoming, events_after, insert, move_on, position, reached, untold_offers, upcoming,
};
