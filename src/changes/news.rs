//! An event on its way to those who follow.

use std::sync::Arc;

use tokio::time::Instant;

use crate::domain::AppointmentEvent;

/// Something that happened, as it was read.
#[derive(Clone)]
pub struct News {
    /// What happened.
    pub event: Arc<AppointmentEvent>,
    /// Before when it was read: what it holds is as new as that at least.
    pub read_at: Instant,
}
