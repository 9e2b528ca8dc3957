//! Who asks, and what they may do: every read and every write that a door can call is told its
//! caller, and asks the one policy here. Pure: it knows no database and no door.

mod actor;
mod caller;
mod network;
mod pace;
mod permission;
mod person;
mod policy;
mod rights;
mod role;
mod sheet;
mod token;

pub use actor::{Actor, Forbidden, Grant};
pub use caller::{Caller, LinkOpens, Linked};
pub use network::network;
pub use pace::Pace;
pub use permission::Permission;
pub use person::Person;
pub use policy::{Extent, extent};
pub use rights::Rights;
pub use role::{Role, UnknownRole};
pub use sheet::Seen;
pub use token::Token;
