//! When patients are reminded of a visit.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// The most reminders of a visit.
const MOST: usize = 5;
/// The earliest: 30 days before.
const EARLIEST_MINUTES: u32 = 30 * 24 * 60;
/// The latest: 5 minutes before.
const LATEST_MINUTES: u32 = 5;

/// How long before a visit its patient is reminded, the longest first; never, where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminders(Vec<u32>);

/// It says nothing of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be none, or up to 5 different times from 5m to 30d before a visit, such as 24h,1h")]
pub struct RemindersError;

impl Default for Reminders {
    /// A day and an hour before.
    fn default() -> Self {
        Self(vec![24 * 60, 60])
    }
}

impl FromStr for Reminders {
    type Err = RemindersError;

    /// `24h,1h`; days, hours and minutes; or `none`.
    fn from_str(text: &str) -> Result<Self, RemindersError> {
        if text.trim() == "none" {
            return Ok(Self(Vec::new()));
        }
        let mut leads =
            text.split(',').map(lead).collect::<Option<Vec<u32>>>().ok_or(RemindersError)?;
        leads.sort_unstable_by(|one, other| other.cmp(one));
        let given = leads.len();
        leads.dedup();
        if given > MOST || leads.len() < given { Err(RemindersError) } else { Ok(Self(leads)) }
    }
}

fn lead(text: &str) -> Option<u32> {
    let text = text.trim();
    let unit = text.chars().next_back()?;
    let minutes = match unit {
        'd' => 24 * 60,
        'h' => 60,
        'm' => 1,
        _ => return None,
    };
    let number = text.strip_suffix(unit)?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = if is_number { number.parse().ok()? } else { return None };
    let minutes = number.checked_mul(minutes)?;
    (LATEST_MINUTES..=EARLIEST_MINUTES).contains(&minutes).then_some(minutes)
}

impl Reminders {
    /// How long before a visit, in minutes, the longest first.
    pub fn leads(&self) -> &[u32] {
        &self.0
    }

    /// When a visit is reminded of that begins at `starts_at`.
    pub fn due_at(starts_at: Timestamp, lead_minutes: u32) -> Timestamp {
        let lead = SignedDuration::from_mins(lead_minutes.into());
        starts_at.saturating_sub(lead).unwrap_or(starts_at)
    }

    /// Whether, of a visit that begins at `starts_at`, the reminder after that one is due at `now` too: after an
    /// outage the last one says it all.
    pub fn is_overtaken(&self, starts_at: Timestamp, lead_minutes: u32, now: Timestamp) -> bool {
        self.0.iter().any(|&later| later < lead_minutes && Self::due_at(starts_at, later) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_read_whatever_their_order_and_refused_where_they_say_nothing() {
        let leads = |text: &str| text.parse::<Reminders>().map(|reminders| reminders.0);
        assert_eq!(leads("24h,1h"), Ok(vec![1440, 60]));
        assert_eq!(leads(" 10m , 2d ,1h"), Ok(vec![2880, 60, 10]));
        assert_eq!(leads("none"), Ok(vec![]));
        for wrong in [
            "",
            "h",
            "1",
            "4m",
            "31d",
            "1h,60m",
            "-1h",
            "+1h",
            "1h,",
            "1w",
            "1h,2h,3h,4h,5h,6h",
            "99999999999h",
        ] {
            assert_eq!(leads(wrong), Err(RemindersError), "{wrong}");
        }
    }

    #[test]
    fn one_is_overtaken_once_the_next_is_due() {
        let reminders = Reminders::default();
        let starts_at: Timestamp = "2027-01-15T17:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(Reminders::due_at(starts_at, 1440), at("2027-01-14T17:00:00Z"));
        assert!(!reminders.is_overtaken(starts_at, 1440, at("2027-01-15T15:59:59Z")));
        assert!(reminders.is_overtaken(starts_at, 1440, at("2027-01-15T16:00:00Z")));
        assert!(!reminders.is_overtaken(starts_at, 60, at("2027-01-15T16:59:59Z")));
    }
}
