//! The faults one can order, and the dice that decide each request's fate.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// How the mocked service misbehaves. Rates go from 0, never, to 1, always; the default is a
/// service that does no wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// How long every request waits before anything is done, in milliseconds.
    pub latency_ms: u64,
    /// Share of requests answered 500 without acting.
    pub error_rate: f64,
    /// Share of bookings and moves refused with 409.
    pub refuse_rate: f64,
    /// Share of requests whose connection is closed without acting and without an answer.
    pub drop_rate: f64,
    /// Share of requests acted on, and then closed without an answer.
    pub lost_reply_rate: f64,
    /// Share of requests acted on, and then answered with 200 and rubbish.
    pub garbage_rate: f64,
    /// Share of bookings and moves acted on, and then confirmed for another reference.
    pub wrong_reference_rate: f64,
    /// Share of bookings and moves acted on, and then confirmed for another time.
    pub wrong_time_rate: f64,
    /// Share of bookings and moves acted on, and then confirmed with another length.
    pub wrong_length_rate: f64,
    /// Share of bookings and moves acted on, and then confirmed under the id of another appointment.
    pub wrong_id_rate: f64,
    /// Share of the appointments in its book that are forgotten, with what was answered about them,
    /// at the moment this is ordered.
    pub forget_share: f64,
    /// Whether every request is answered 503 at once.
    pub down: bool,
    /// The provider all of whose visits are answered `poison_status`, by the reference that they are
    /// booked under.
    pub poisoned_provider: Option<String>,
    /// What the name of a patient holds all of whose visits are answered `poison_status`.
    pub poisoned_name: Option<String>,
    /// What is answered for those, without acting, whenever they are booked, moved or cancelled.
    pub poison_status: u16,
    /// How long they wait for that answer, in milliseconds.
    pub poison_latency_ms: u64,
    /// Seeds the dice: the same seed gives the nth request after it the same fate.
    pub seed: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            error_rate: 0.0,
            refuse_rate: 0.0,
            drop_rate: 0.0,
            lost_reply_rate: 0.0,
            garbage_rate: 0.0,
            wrong_reference_rate: 0.0,
            wrong_time_rate: 0.0,
            wrong_length_rate: 0.0,
            wrong_id_rate: 0.0,
            forget_share: 0.0,
            down: false,
            poisoned_provider: None,
            poisoned_name: None,
            poison_status: 500,
            poison_latency_ms: 0,
            seed: 0,
        }
    }
}

/// What can't be ordered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} must be between {least} and {most}")]
pub struct FaultsError {
    /// The field of [`Faults`] it is about.
    pub field: &'static str,
    /// The least that it can be.
    pub least: u16,
    /// The most that it can be.
    pub most: u16,
}

impl Faults {
    /// Checks that every rate is one, and that what poison is answered is an error.
    ///
    /// # Errors
    ///
    /// [`FaultsError`] names the first field that can't be ordered.
    pub fn check(&self) -> Result<(), FaultsError> {
        let rates = [
            ("error_rate", self.error_rate),
            ("refuse_rate", self.refuse_rate),
            ("drop_rate", self.drop_rate),
            ("lost_reply_rate", self.lost_reply_rate),
            ("garbage_rate", self.garbage_rate),
            ("wrong_reference_rate", self.wrong_reference_rate),
            ("wrong_time_rate", self.wrong_time_rate),
            ("wrong_length_rate", self.wrong_length_rate),
            ("wrong_id_rate", self.wrong_id_rate),
            ("forget_share", self.forget_share),
        ];
        match rates.into_iter().find(|(_, rate)| !(0.0..=1.0).contains(rate)) {
            Some((field, _)) => Err(FaultsError { field, least: 0, most: 1 }),
            None if !(400..=599).contains(&self.poison_status) => {
                Err(FaultsError { field: "poison_status", least: 400, most: 599 })
            }
            None => Ok(()),
        }
    }

    /// What a visit is answered instead, if it is poison.
    pub(super) fn poison(&self, provider: &str, patient: &str) -> Option<u16> {
        let of_provider = self.poisoned_provider.as_deref().is_some_and(|it| it == provider);
        let of_name = self.poisoned_name.as_deref().is_some_and(|it| patient.contains(it));
        (of_provider || of_name).then_some(self.poison_status)
    }

    /// Whether any visit is.
    pub(super) fn are_poisoned(&self) -> bool {
        self.poisoned_provider.is_some() || self.poisoned_name.is_some()
    }
}

/// What will become of one request.
pub(super) struct Fate {
    pub(super) latency: Duration,
    pub(super) instead: Option<Instead>,
    pub(super) refuse: bool,
    pub(super) afterwards: Option<Afterwards>,
}

/// What happens instead of acting.
pub(super) enum Instead {
    Down,
    Error,
    Drop,
}

/// What happens to the reply once the service has acted.
pub(super) enum Afterwards {
    LostReply,
    Garbage,
    Lie(Lie),
}

/// What of a confirmation is not so.
#[derive(Clone, Copy)]
pub(super) enum Lie {
    Reference,
    Time,
    Length,
    /// The id of another appointment: the one made first of those that stand.
    Id,
}

/// The faults in force and the randomness that deals them out.
pub(super) struct Dice {
    faults: Faults,
    rng: StdRng,
}

impl Dice {
    pub(super) fn new(faults: Faults) -> Self {
        let rng = StdRng::seed_from_u64(faults.seed);
        Self { faults, rng }
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(super) fn throw(&mut self) -> Fate {
        let Self { faults, rng } = self;
        let mut happens = |rate: f64| rng.random::<f64>() < rate;
        // All dice are thrown for every request, so that changing one rate leaves the others'
        // fates as they were.
        let error = happens(faults.error_rate);
        let drop = happens(faults.drop_rate);
        let refuse = happens(faults.refuse_rate);
        let lost_reply = happens(faults.lost_reply_rate);
        let garbage = happens(faults.garbage_rate);
        let lies = [
            (happens(faults.wrong_reference_rate), Lie::Reference),
            (happens(faults.wrong_time_rate), Lie::Time),
            (happens(faults.wrong_length_rate), Lie::Length),
            (happens(faults.wrong_id_rate), Lie::Id),
        ];
        let lie = lies.into_iter().find_map(|(told, lie)| told.then_some(lie));
        let instead = match (faults.down, error, drop) {
            (true, _, _) => Some(Instead::Down),
            (_, true, _) => Some(Instead::Error),
            (_, _, true) => Some(Instead::Drop),
            _ => None,
        };
        let afterwards = match (lost_reply, garbage) {
            (true, _) => Some(Afterwards::LostReply),
            (_, true) => Some(Afterwards::Garbage),
            _ => lie.map(Afterwards::Lie),
        };
        Fate { latency: Duration::from_millis(faults.latency_ms), instead, refuse, afterwards }
    }
}
