//! Subscriptions while they run: what is followed, and the answer to each event, which those who ask the
//! same with the same rights share. Who sends it, when, and how many at a time, is for the transport to say.

mod answers;
mod followed;
mod operation;
mod part;

pub use answers::EventAnswer;
pub use followed::Event;
pub use operation::LiveOperation;

pub(super) use answers::SharedAnswers;
pub(super) use followed::Followed;
pub(super) use operation::Means;
pub(super) use part::Part;
