//! Who may do what: the one table that both doors, subscriptions and exports ask.

use super::permission::Permission;
use super::role::Role;

/// How far something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// For everything there is.
    All,
    /// For what is the caller's own: visits with them, and whoever has or had one that is neither
    /// FAILED nor EXPIRED.
    Own,
    /// For everything, but nothing that tells who a patient is or why they come.
    WithoutPatients,
    /// Not at all.
    No,
}

/// How far a role may do something: the table of `docs/access.md`.
#[expect(clippy::match_same_arms, reason = "a row of the table each")]
pub fn extent(role: Role, permission: Permission) -> Extent {
    use Extent::{All, No, Own, WithoutPatients as Masked};
    #[rustfmt::skip]
    let [admin, scheduler, clinician, auditor, viewer] = match permission {
        //                               ADMIN SCHEDULER CLINICIAN AUDITOR VIEWER
        Permission::ReadSchedule =>     [All,  All,      All,      All,    All   ],
        Permission::ReadAppointments => [All,  All,      Own,      Masked, Masked],
        Permission::ReadPatients =>     [All,  All,      Own,      No,     No    ],
        Permission::UpdatePatients =>   [All,  All,      Own,      No,     No    ],
        Permission::MergePatients =>    [All,  All,      No,       No,     No    ],
        Permission::ManageFeeds =>      [All,  All,      Own,      Masked, Masked],
        Permission::Book =>             [All,  All,      Own,      No,     No    ],
        Permission::Overrule =>         [All,  All,      Own,      No,     No    ],
        Permission::SetVisitStatus =>   [All,  All,      Own,      No,     No    ],
        Permission::ManageHours =>      [All,  All,      Own,      No,     No    ],
        Permission::ManageRoster =>     [All,  No,       No,       No,     No    ],
        Permission::ManageAccess =>     [All,  No,       No,       No,     No    ],
        Permission::ReadHistory =>      [All,  All,      Own,      Masked, No    ],
        Permission::ReadAuditTrail =>   [All,  No,       No,       All,    No    ],
    };
    match role {
        Role::Admin => admin,
        Role::Scheduler => scheduler,
        Role::Clinician => clinician,
        Role::Auditor => auditor,
        Role::Viewer => viewer,
    }
}
