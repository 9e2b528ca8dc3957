//! Times as people read them in a sentence: the weekday, the date, the clock, and the name of the zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A day such as `Friday, January 15, 2027`.
pub fn spoken_day(zone: &TimeZone, at: Timestamp) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%A, %B %-d, %Y").to_string()
}

/// A time of day such as `8:30 AM`.
pub fn spoken_clock(zone: &TimeZone, at: Timestamp) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%-I:%M %p").to_string()
}

/// A zone as people call it, with its IANA name: `Pacific Time (America/Los_Angeles)`. Where people have no name for it
/// that is known here, its distance from UTC at that moment stands in its place.
pub fn spoken_zone(zone: &TimeZone, at: Timestamp) -> String {
    let iana = zone.iana_name().unwrap_or("UTC");
    let named = american(zone.to_offset_info(at).abbreviation());
    let is_american = ["America/", "US/", "Pacific/"].iter().any(|area| iana.starts_with(area));
    match named.filter(|_| is_american) {
        Some(name) => format!("{name} ({iana})"),
        None if iana == "UTC" => iana.to_owned(),
        None => format!("{iana}, UTC{}", at.to_zoned_datetime(zone.clone()).strftime("%:z")),
    }
}

/// What people of the United States call the zone of an abbreviation, whatever the season.
fn american(abbreviation: &str) -> Option<&'static str> {
    Some(match abbreviation {
        "EST" | "EDT" => "Eastern Time",
        "CST" | "CDT" => "Central Time",
        "MST" | "MDT" => "Mountain Time",
        "PST" | "PDT" => "Pacific Time",
        "AKST" | "AKDT" => "Alaska Time",
        "HST" | "HDT" => "Hawaii-Aleutian Time",
        "AST" | "ADT" => "Atlantic Time",
        "ChST" => "Chamorro Time",
        "SST" => "Samoa Time",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::zone_named;

    #[test]
    fn a_moment_is_told_as_people_read_it() {
        let at = "2027-01-15T16:30:00Z".parse().unwrap();
        let zone = zone_named("America/Los_Angeles").unwrap();
        assert_eq!(spoken_day(&zone, at), "Friday, January 15, 2027");
        assert_eq!(spoken_clock(&zone, at), "8:30 AM");
        let midnight = "2027-07-04T07:05:00Z".parse().unwrap();
        assert_eq!(spoken_clock(&zone, midnight), "12:05 AM");
    }

    #[test]
    fn a_zone_has_the_name_that_people_give_it() {
        let winter = "2027-01-15T16:30:00Z".parse().unwrap();
        let summer = "2027-07-15T16:30:00Z".parse().unwrap();
        for (zone, at, spoken) in [
            ("America/Los_Angeles", winter, "Pacific Time (America/Los_Angeles)"),
            ("America/Los_Angeles", summer, "Pacific Time (America/Los_Angeles)"),
            ("America/Phoenix", summer, "Mountain Time (America/Phoenix)"),
            ("Pacific/Honolulu", winter, "Hawaii-Aleutian Time (Pacific/Honolulu)"),
            ("Pacific/Guam", winter, "Chamorro Time (Pacific/Guam)"),
            ("Asia/Shanghai", winter, "Asia/Shanghai, UTC+08:00"),
            ("Europe/Paris", summer, "Europe/Paris, UTC+02:00"),
            ("UTC", winter, "UTC"),
        ] {
            assert_eq!(spoken_zone(&zone_named(zone).unwrap(), at), spoken);
        }
    }
}
