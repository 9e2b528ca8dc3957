//! Who may do what: the table, the use cases that ask it, and what they leave out.

mod at_once;
mod clinic;
mod masks;
mod notes;
mod own;
mod permissions;
mod table;
mod walk;
