//! Whose clocks people live by in each jurisdiction (49 CFR 71; names of the IANA database).

use super::UsState;

const EASTERN: &str = "America/New_York";
const CENTRAL: &str = "America/Chicago";
const MOUNTAIN: &str = "America/Denver";
const PACIFIC: &str = "America/Los_Angeles";

/// The zones of each, the one that most people live in first. Where the database has a zone of its own
/// for a part whose clock differed in the past only, the large zone that it agrees with now stands as
/// well: many systems know no other.
const ZONES: [(&str, &[&str]); 56] = [
    ("AL", &[CENTRAL]),
    (
        "AK",
        &[
            "America/Anchorage",
            "America/Juneau",
            "America/Sitka",
            "America/Metlakatla",
            "America/Yakutat",
            "America/Nome",
            "America/Adak",
        ],
    ),
    ("AZ", &["America/Phoenix", MOUNTAIN]),
    ("AR", &[CENTRAL]),
    ("CA", &[PACIFIC]),
    ("CO", &[MOUNTAIN]),
    ("CT", &[EASTERN]),
    ("DE", &[EASTERN]),
    ("DC", &[EASTERN]),
    ("FL", &[EASTERN, CENTRAL]),
    ("GA", &[EASTERN]),
    ("HI", &["Pacific/Honolulu"]),
    ("ID", &["America/Boise", MOUNTAIN, PACIFIC]),
    ("IL", &[CENTRAL]),
    (
        "IN",
        &[
            "America/Indiana/Indianapolis",
            "America/Indiana/Vincennes",
            "America/Indiana/Winamac",
            "America/Indiana/Marengo",
            "America/Indiana/Petersburg",
            "America/Indiana/Vevay",
            "America/Indiana/Tell_City",
            "America/Indiana/Knox",
            "America/Kentucky/Louisville",
            EASTERN,
            CENTRAL,
        ],
    ),
    ("IA", &[CENTRAL]),
    ("KS", &[CENTRAL, MOUNTAIN]),
    ("KY", &[EASTERN, "America/Kentucky/Louisville", "America/Kentucky/Monticello", CENTRAL]),
    ("LA", &[CENTRAL]),
    ("ME", &[EASTERN]),
    ("MD", &[EASTERN]),
    ("MA", &[EASTERN]),
    ("MI", &["America/Detroit", EASTERN, "America/Menominee", CENTRAL]),
    ("MN", &[CENTRAL]),
    ("MS", &[CENTRAL]),
    ("MO", &[CENTRAL]),
    ("MT", &[MOUNTAIN]),
    ("NE", &[CENTRAL, MOUNTAIN]),
    ("NV", &[PACIFIC, MOUNTAIN]),
    ("NH", &[EASTERN]),
    ("NJ", &[EASTERN]),
    ("NM", &[MOUNTAIN]),
    ("NY", &[EASTERN]),
    ("NC", &[EASTERN]),
    (
        "ND",
        &[
            CENTRAL,
            "America/North_Dakota/Center",
            "America/North_Dakota/New_Salem",
            "America/North_Dakota/Beulah",
            MOUNTAIN,
        ],
    ),
    ("OH", &[EASTERN]),
    ("OK", &[CENTRAL]),
    ("OR", &[PACIFIC, "America/Boise", MOUNTAIN]),
    ("PA", &[EASTERN]),
    ("RI", &[EASTERN]),
    ("SC", &[EASTERN]),
    ("SD", &[CENTRAL, MOUNTAIN]),
    ("TN", &[CENTRAL, EASTERN]),
    ("TX", &[CENTRAL, MOUNTAIN]),
    ("UT", &[MOUNTAIN]),
    ("VT", &[EASTERN]),
    ("VA", &[EASTERN]),
    ("WA", &[PACIFIC]),
    ("WV", &[EASTERN]),
    ("WI", &[CENTRAL]),
    ("WY", &[MOUNTAIN]),
    ("AS", &["Pacific/Pago_Pago"]),
    ("GU", &["Pacific/Guam"]),
    ("MP", &["Pacific/Saipan"]),
    ("PR", &["America/Puerto_Rico"]),
    ("VI", &["America/St_Thomas"]),
];

/// Other names that the database has for these zones: its file `backward`, and what it merged.
const ALIASES: [(&str, &[&str]); 15] = [
    (EASTERN, &["US/Eastern", "EST5EDT"]),
    (CENTRAL, &["US/Central", "CST6CDT"]),
    (MOUNTAIN, &["US/Mountain", "MST7MDT", "Navajo", "America/Shiprock"]),
    (PACIFIC, &["US/Pacific", "US/Pacific-New", "PST8PDT"]),
    ("America/Anchorage", &["US/Alaska"]),
    ("America/Adak", &["US/Aleutian", "America/Atka"]),
    ("America/Phoenix", &["US/Arizona", "MST"]),
    ("America/Detroit", &["US/Michigan"]),
    (
        "America/Indiana/Indianapolis",
        &["US/East-Indiana", "America/Indianapolis", "America/Fort_Wayne"],
    ),
    ("America/Indiana/Knox", &["US/Indiana-Starke", "America/Knox_IN"]),
    ("America/Kentucky/Louisville", &["America/Louisville"]),
    ("Pacific/Honolulu", &["US/Hawaii", "HST", "Pacific/Johnston"]),
    ("Pacific/Pago_Pago", &["US/Samoa", "Pacific/Samoa", "Pacific/Midway"]),
    ("Pacific/Guam", &["Pacific/Saipan"]),
    ("America/Puerto_Rico", &["America/St_Thomas", "America/Virgin"]),
];

impl UsState {
    /// The zones whose clocks people live by there, by their IANA names; the one that most do first.
    pub fn time_zones(self) -> &'static [&'static str] {
        ZONES.iter().find(|(code, _)| *code == self.code()).map_or(&[], |(_, zones)| zones)
    }

    /// Whether the IANA name is one of these zones', under any name that the database has for it.
    pub fn has_time_zone(self, name: &str) -> bool {
        self.time_zones().iter().any(|zone| canonical(zone) == canonical(name))
    }
}

/// The database's own name for a zone that it has several names for.
fn canonical(name: &str) -> &str {
    let of_alias = ALIASES.iter().find(|(_, aliases)| aliases.contains(&name));
    of_alias.map_or(name, |(zone, _)| zone)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::zone_named;

    fn state(code: &str) -> UsState {
        UsState::parse(code).unwrap()
    }

    #[test]
    fn every_state_has_zones_that_the_database_knows() {
        for state in UsState::all() {
            assert!(!state.time_zones().is_empty(), "{state}");
            for zone in state.time_zones() {
                assert!(zone_named(zone).is_some(), "{state}: {zone}");
            }
        }
    }

    #[test]
    fn the_zone_that_most_people_live_in_comes_first() {
        for (code, zone) in [
            ("TN", CENTRAL),
            ("KY", EASTERN),
            ("FL", EASTERN),
            ("IN", "America/Indiana/Indianapolis"),
            ("ID", "America/Boise"),
            ("ND", CENTRAL),
            ("SD", CENTRAL),
            ("NE", CENTRAL),
            ("KS", CENTRAL),
            ("TX", CENTRAL),
            ("OR", PACIFIC),
            ("MI", "America/Detroit"),
            ("AK", "America/Anchorage"),
            ("AZ", "America/Phoenix"),
            ("HI", "Pacific/Honolulu"),
            ("WA", PACIFIC),
            ("CT", EASTERN),
        ] {
            assert_eq!(state(code).time_zones()[0], zone, "{code}");
        }
    }

    #[test]
    fn a_zone_is_known_by_all_its_names_and_no_zone_of_elsewhere_is() {
        for (code, zone, has) in [
            ("WA", "US/Pacific", true),
            ("WA", PACIFIC, true),
            ("WA", EASTERN, false),
            ("TN", "US/Eastern", true),
            ("TX", MOUNTAIN, true),
            ("AZ", "Navajo", true),
            ("AK", "America/Atka", true),
            ("IN", "US/Indiana-Starke", true),
            ("VI", "America/Virgin", true),
            ("VI", "America/Puerto_Rico", true),
            ("MP", "Pacific/Guam", true),
            ("HI", "US/Hawaii", true),
            ("CT", "Europe/London", false),
            ("CT", "America/Toronto", false),
            ("CT", "", false),
        ] {
            assert_eq!(state(code).has_time_zone(zone), has, "{code} {zone}");
        }
    }

    #[test]
    fn every_alias_shows_the_same_time_as_what_it_is_an_alias_of() {
        for (zone, aliases) in ALIASES {
            // Some systems leave old names out.
            for alias in aliases.iter().filter_map(|alias| zone_named(alias)) {
                for second in [1_767_225_600, 1_782_864_000] {
                    let moment = Timestamp::from_second(second).unwrap();
                    let offset = zone_named(zone).unwrap().to_offset(moment);
                    assert_eq!(alias.to_offset(moment), offset, "{zone}");
                }
            }
        }
    }
}
