//! What callers may have in common.

use super::role::Role;
use crate::domain::ProviderId;

/// All that decides what a caller may see and do: those with the same are told the same, whoever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rights {
    pub(super) role: Role,
    pub(super) provider_id: Option<ProviderId>,
}
