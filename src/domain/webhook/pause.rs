//! How long it takes until what failed is tried again.

use jiff::SignedDuration;

/// After the first attempt.
const FIRST: i64 = 1;
/// At the most: 4 hours.
const LONGEST: i64 = 4 * 60 * 60;

/// The pause after so many attempts: a second, doubled each time up to four hours. Half of it is `jitter`, from 0 to
/// 1, so that what failed together is not tried together.
pub fn pause_after(attempts: u32, jitter: f64) -> SignedDuration {
    let doublings = attempts.saturating_sub(1).min(30);
    let seconds = FIRST.checked_shl(doublings).unwrap_or(LONGEST).min(LONGEST);
    let half = SignedDuration::from_secs(seconds) / 2;
    let pause = half + half.mul_f64(jitter.clamp(0.0, 1.0));
    // Instants are kept in whole seconds.
    SignedDuration::from_secs(pause.as_secs() + i64::from(pause.subsec_nanos() > 0))
}
