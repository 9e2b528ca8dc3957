//! Settings of who may come in.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::reader::Reader;
use crate::people::SessionRules;

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody on this machine, for nobody else can call: what it is unless set.
    OpenHere,
    /// Everybody who can call: as somebody wrote down.
    Open,
    /// People who sign in, and machines with a token.
    Closed,
}

impl Access {
    /// Whether everybody may do everything.
    pub fn is_open(self) -> bool {
        self != Self::Closed
    }
}

impl Reader<'_> {
    /// Who may come in to a server that listens there: `has_token` says whether the settings have an
    /// API token, `is_public` whether people are told an address of it. And what whoever starts it
    /// should know.
    pub(super) fn access(
        &mut self,
        bind: IpAddr,
        has_token: bool,
        is_public: bool,
    ) -> (Access, Option<&'static str>) {
        if self.text("ALLOW_ANONYMOUS").is_some() {
            self.wrong(
                "ALLOW_ANONYMOUS",
                "is no setting any more: ACCESS=open lets everybody in who can call, ACCESS=closed \
                 (what it is on a network) only who signs in or has a token",
            );
        }
        let is_here = bind.is_loopback() && !has_token && !is_public;
        let access = match self.text("ACCESS").as_deref() {
            None if is_here => Access::OpenHere,
            None | Some("closed") => Access::Closed,
            Some("open") if has_token => {
                self.wrong("ACCESS", "is open, and API_TOKEN is set, which closes nothing then");
                Access::Closed
            }
            Some("open") => Access::Open,
            Some(_) => {
                self.wrong("ACCESS", "must be open or closed");
                Access::Closed
            }
        };
        let warning = (access == Access::Open && !is_here).then_some(
            "ACCESS=open: whoever can reach this server may do everything, and see every patient; \
             ACCESS=closed has people sign in",
        );
        (access, warning)
    }

    pub(super) fn session_rules(&mut self) -> SessionRules {
        SessionRules {
            idle: SignedDuration::from_mins(self.within("SESSION_IDLE_MINUTES", 30, 1, 1440)),
            at_most: SignedDuration::from_hours(self.within("SESSION_HOURS", 12, 1, 168)),
        }
    }
}
