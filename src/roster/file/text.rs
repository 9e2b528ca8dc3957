//! Texts that people are shown.

use super::document::{Remarks, Spot};
use crate::domain::text::is_invisible;

/// A text of something that can be seen.
pub(super) fn plain_text<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<String> {
    let text = spot.text(remarks)?;
    if text.trim().is_empty() {
        remarks.wrong(spot, "must not be empty");
        return None;
    }
    if text.chars().any(is_invisible) {
        remarks.wrong(spot, "must have no invisible characters");
        return None;
    }
    Some(text)
}
