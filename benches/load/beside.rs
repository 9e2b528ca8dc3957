//! Scenarios in turns without and with something beside them that may cost those who book and search.

use std::time::Duration;

use crate::drive::{self, Sample};
use crate::scenarios::{self, Scenario};
use crate::stage::Stage;
use crate::table::{Note, Row};
use crate::{Options, Trouble};

/// What is measured: bookings at an asked time, and the first free time of all.
const NAMES: [&str; 2] = ["book-asked", "first"];

/// Of one scenario, what was measured without and with it.
struct Pair {
    scenario: Scenario,
    without: Vec<Sample>,
    with: Vec<Sample>,
}

/// The scenarios, and what was measured of each.
pub(crate) struct Beside(Vec<Pair>);

impl Beside {
    pub(crate) fn new() -> Result<Self, Trouble> {
        let pair = |name| {
            let scenario = scenarios::ALL.into_iter().find(|it| it.name == name);
            let scenario = scenario.ok_or_else(|| format!("there is no `{name}`"))?;
            Ok(Pair { scenario, without: Vec::new(), with: Vec::new() })
        };
        NAMES.into_iter().map(pair).collect::<Result<_, Trouble>>().map(Self)
    }

    /// A turn of each while nothing is beside them.
    pub(crate) async fn without(
        &mut self,
        options: &Options,
        stage: &Stage,
    ) -> Result<(), Trouble> {
        for pair in &mut self.0 {
            pair.without.push(turn(options, stage, pair.scenario).await?);
        }
        Ok(())
    }

    /// A turn of each while something is.
    pub(crate) async fn with(&mut self, options: &Options, stage: &Stage) -> Result<(), Trouble> {
        for pair in &mut self.0 {
            pair.with.push(turn(options, stage, pair.scenario).await?);
        }
        Ok(())
    }

    /// All rows and how they compare, by the names of the part and of both states.
    pub(crate) fn told(
        &self,
        stage: &Stage,
        part: &str,
        (nothing, something): (&str, &str),
    ) -> (Vec<Row>, Vec<Note>) {
        let (mut rows, mut notes) = (Vec::new(), Vec::new());
        for Pair { scenario, without, with } in &self.0 {
            let name = scenario.name;
            let without = Row::new(stage, &format!("{part}: {name}, {nothing}"), without, &[]);
            let with = Row::new(stage, &format!("{part}: {name}, {something}"), with, &[]);
            let ratio = with.per_second / without.per_second.max(0.001);
            notes.push(Note::new(
                stage,
                &format!("{part}: {name}, {something}"),
                format!("{ratio:.2} of the throughput when {nothing}"),
            ));
            rows.extend([without, with]);
        }
        (rows, notes)
    }
}

/// Over new connections: the server closes those that say nothing while something else is done.
async fn turn(options: &Options, stage: &Stage, scenario: Scenario) -> Result<Sample, Trouble> {
    let workers = drive::workers(stage, scenario, options.connections).await?;
    let workers = drive::closed(workers, &stage.facts, Duration::from_millis(300)).await?.0;
    Ok(drive::closed(workers, &stage.facts, options.turn()).await?.1)
}
