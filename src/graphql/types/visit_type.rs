//! Kinds of visits.

use std::sync::Arc;

use async_graphql::{ID, Object};

use crate::domain::VisitType;

/// `VisitType` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct VisitTypeObject(pub(in crate::graphql) Arc<VisitType>);

/// A kind of visit, which gives a visit its length and the time that is kept free around it.
#[Object(name = "VisitType")]
impl VisitTypeObject {
    /// Identifies the kind of visit; opaque, begins with `vtp_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Counts what has changed about it, from 1. Passed as `expectedVersion` it keeps a change from
    /// undoing another that you have not seen.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// What it is called, such as `Follow-up`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How long such a visit is, in minutes, unless another length is asked for.
    async fn duration_minutes(&self) -> i32 {
        i32::from(self.0.length.minutes())
    }

    /// The minutes that are kept free before such a visit, where that is more than its provider keeps.
    async fn buffer_before_minutes(&self) -> i32 {
        i32::from(self.0.buffers.before_minutes())
    }

    /// The minutes that are kept free after such a visit, where that is more than its provider keeps.
    async fn buffer_after_minutes(&self) -> i32 {
        i32::from(self.0.buffers.after_minutes())
    }

    /// Whether it is offered.
    async fn active(&self) -> bool {
        self.0.active
    }
}
