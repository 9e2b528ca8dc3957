//! The direction: which part of the crate may name which.

use std::collections::BTreeSet;

use super::circles::lines;
use super::tree::{Arrow, Tree};

/// Each part, and what it may name.
type Table<'a> = &'a [(&'a str, &'a str)];

/// A part is a file or a folder right below `src`. It may name the parts that its row names after
/// it, and of one that stands there as `part::Name` nothing but that name. Every part has its row,
/// and a row names only parts whose own rows come later.
pub(super) const LAYERS: Table = &[
    ("main", "cli"),
    ("lib", ""),
    (
        "cli",
        "traces app patients people audit config graphql settling roster request access scheduling telemetry db domain",
    ),
    // Puts everything together.
    (
        "app",
        "telemetry config http graphql services mail links webhooks booking holding feeds patients people audit settling search records health changes \
         roster tail lifecycle scheduling oidc db domain",
    ),
    // Reads what each part can be set to, into that part's own types.
    (
        "config",
        "audit::AuditReads audit::SHORTEST http::ConnectionLimits http::LiveLimits http::Authority http::Network http::Origin \
         http::PublicUrl http::TrustedProxies graphql::Limits settling::SettlingRules links::LinkRules mail::MailSettings mail::SmtpServer mail::Templates \
         people::SessionRules scheduling::HttpSettings scheduling::Faults telemetry::LogFormat traces::CAN_BE_SENT traces::Sampling traces::TraceSettings oidc::Issuer oidc::OidcSettings domain",
    ),
    // The doors. Neither sees what stands behind the use cases, and GraphQL knows no HTTP.
    (
        "http",
        "traces graphql services links booking holding feeds people search records health changes audit request access oidc domain",
    ),
    (
        "graphql",
        "services mail links webhooks booking holding feeds patients people search records roster changes audit request access domain",
    ),
    // What the doors hold.
    (
        "services",
        "mail links webhooks booking holding feeds patients people search records roster changes audit domain",
    ),
    // The use cases. Each mail has a link of its patient's own; what that opens is changed by those of everybody.
    ("mail", "links calendar retry audit roster request access db domain"),
    ("links", "booking feeds patients search calendar retry audit roster request access db domain"),
    (
        "booking",
        "traces settling search retry changes audit roster request access scheduling db domain",
    ),
    ("webhooks", "changes retry audit request access db domain"),
    ("holding", "search retry audit roster request access db domain"),
    ("feeds", "calendar records retry audit roster request access db domain"),
    ("patients", "retry audit roster request access db domain"),
    ("people", "oidc::ClaimedRole oidc::Identity retry audit roster request access db domain"),
    ("settling", "traces changes audit roster request access scheduling db domain"),
    ("search", "roster request access db domain"),
    ("records", "tail roster request access db domain"),
    // Writes what feeds and mail tell of a visit, for calendars.
    ("calendar", "domain"),
    ("health", "access lifecycle db domain"),
    ("changes", "audit request access db domain"),
    ("roster", "retry tail audit request access db domain"),
    ("audit", "request access db domain"),
    ("retry", "request access db domain"),
    ("tail", "request access db domain"),
    // What all of them speak of.
    ("request", "access::Forbidden db::StoreError db::Contention domain"),
    ("lifecycle", ""),
    // Counts the transactions by their names, and the visits by their statuses; tells the zone data.
    (
        "telemetry",
        "traces db::TRANSACTIONS domain::AppointmentStatus domain::WebhookOutcome domain::MailKind domain::MailOutcome domain::MailStatus domain::zone_data_version",
    ),
    // Those that obey.
    ("scheduling", "traces domain"),
    ("oidc", "domain"),
    ("db", "traces access domain"),
    ("access", "domain"),
    // Knows nothing of what is traced.
    ("traces", ""),
    ("domain", ""),
];

/// The part that a file belongs to.
pub(super) fn part_of(file: &str) -> &str {
    let below = file.trim_start_matches("src/");
    below.split(['/', '.']).next().unwrap_or(below)
}

/// Arrows between parts that the table does not allow.
pub(super) fn forbidden(arrows: &BTreeSet<Arrow>, table: Table) -> Vec<String> {
    let allowed = |arrow: &&Arrow| {
        let (from, to) = (part_of(&arrow.from), part_of(&arrow.to));
        let only = format!("{to}::{}", arrow.name);
        let rows = table.iter().filter(|(part, _)| *part == from);
        let mut row = rows.flat_map(|(_, may)| may.split_whitespace());
        from == to || row.any(|may| may == to || may == only)
    };
    lines(arrows.iter().filter(|arrow| !allowed(arrow)))
}

/// Parts without a row, and rows without a part.
pub(super) fn unlisted(tree: &Tree, table: Table) -> Vec<String> {
    let parts: BTreeSet<&str> = tree.files().into_iter().map(part_of).collect();
    let rows: BTreeSet<&str> = table.iter().map(|(part, _)| *part).collect();
    let without_row = parts.difference(&rows).map(|part| format!("src/{part} has no row"));
    let without_part = rows.difference(&parts).map(|part| format!("there is no src/{part}"));
    without_row.chain(without_part).collect()
}

/// What a row names although it stands no lower.
pub(super) fn upward(table: Table) -> Vec<String> {
    let place = |name: &str| table.iter().position(|(part, _)| *part == name);
    let mut found = Vec::new();
    for (height, (part, may)) in table.iter().enumerate() {
        let lower = |name: &str| {
            place(name.split("::").next().unwrap_or(name)).is_some_and(|place| place > height)
        };
        let higher = may.split_whitespace().filter(|name| !lower(name));
        found.extend(higher.map(|name| format!("{part}: {name}")));
    }
    found
}
