//! Settings of connections, and of those that stay open.

use super::reader::Reader;
use crate::http::{ConnectionLimits, LiveLimits};

impl Reader<'_> {
    pub(super) fn live_limits(&mut self) -> LiveLimits {
        let default = LiveLimits::default();
        let connections = self.within("LIVE_MAX_CONNECTIONS", default.connections, 0, 1_000_000);
        // More could not stay once they have said the token.
        let connecting = default.connecting.min(connections);
        LiveLimits {
            connections,
            connecting: self.within("LIVE_MAX_CONNECTING", connecting, 0, 1_000_000),
            operations: self.within("LIVE_MAX_OPERATIONS", default.operations, 1, 1000),
            cost: self.within("LIVE_MAX_COST", default.cost, 0, 100_000_000),
            init_within: self.milliseconds("LIVE_INIT_TIMEOUT_MS", 10_000),
        }
    }

    pub(super) fn connection_limits(&mut self) -> ConnectionLimits {
        let default = ConnectionLimits::default();
        ConnectionLimits {
            connections: self.within("HTTP_MAX_CONNECTIONS", default.connections, 1, 1_000_000),
            headers_within: self.milliseconds("HTTP_HEADERS_TIMEOUT_MS", 75_000),
        }
    }
}
