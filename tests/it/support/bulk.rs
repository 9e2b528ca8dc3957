//! Many appointments at once, written past the application: the rules of the database hold.

use super::app::TestApp;
use super::database::Engine;

/// SQL that both engines spell differently.
pub(crate) struct Bulk(pub(crate) Engine);

impl Bulk {
    /// So many minutes after Monday, 2027-01-11, midnight in UTC.
    pub(crate) fn instant(&self, minutes: &str) -> String {
        match self.0 {
            Engine::Sqlite => format!(
                "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2027-01-11', ({minutes}) || ' minutes')"
            ),
            Engine::Postgres => {
                format!("(timestamptz '2027-01-11T00:00Z' + ({minutes}) * interval '1 minute')")
            }
        }
    }

    /// A table `series` with `n` from 0 up to `count`.
    pub(crate) fn series(&self, count: u32) -> String {
        match self.0 {
            Engine::Sqlite => format!(
                "(WITH RECURSIVE counting(n) AS
                    (SELECT 0 UNION ALL SELECT n + 1 FROM counting WHERE n + 1 < {count})
                  SELECT n FROM counting) AS series"
            ),
            Engine::Postgres => format!("generate_series(0, {count} - 1) AS series(n)"),
        }
    }

    pub(crate) fn random_id(&self) -> &'static str {
        match self.0 {
            Engine::Sqlite => "randomblob(16)",
            Engine::Postgres => "gen_random_uuid()",
        }
    }
}

impl Bulk {
    /// An outside id that nobody else has; short, for a planner minds how wide a row is.
    pub(crate) fn external_id(&self) -> &'static str {
        match self.0 {
            Engine::Sqlite => "'e-' || lower(hex(randomblob(6)))",
            Engine::Postgres => "'e-' || right(CAST(gen_random_uuid() AS text), 12)",
        }
    }
}

impl TestApp {
    /// A patient for each provider, under the provider's id.
    pub(crate) async fn a_patient_for_each_provider(&self) {
        let now = Bulk(self.database.engine).instant("0");
        let sql = format!(
            "INSERT INTO patient (id, name, email, name_key, email_key, state, insurance_id, created_at, updated_at)
             SELECT id, 'Patient of ' || name, 'p@example.com', 'patient of ' || name, 'p@example.com', 'CT',
                    (SELECT id FROM insurance ORDER BY name LIMIT 1), {now}, {now} FROM provider"
        );
        self.database.execute(&sql).await.unwrap();
    }

    /// `count` confirmed appointments of each such patient with that provider, of the providers
    /// for whom `whose` holds. `starts` and `ends` are minutes, of which the `n`-th knows its `n`.
    pub(crate) async fn appointments_for_each(
        &self,
        count: u32,
        starts: &str,
        ends: &str,
        whose: &str,
    ) {
        let bulk = Bulk(self.database.engine);
        let (starts_at, ends_at, now) =
            (bulk.instant(starts), bulk.instant(ends), bulk.instant("0"));
        let (id, external_id, series) = (bulk.random_id(), bulk.external_id(), bulk.series(count));
        let sql = format!(
            "INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, version,
                    state, insurance_id, external_id, created_at, updated_at)
             SELECT {id}, provider.id, patient.id, {starts_at}, {ends_at}, 'CONFIRMED', 1,
                    'CT', patient.insurance_id, {external_id}, {now}, {now}
               FROM provider JOIN patient ON patient.id = provider.id CROSS JOIN {series} WHERE {whose}"
        );
        self.database.execute(&sql).await.unwrap();
    }

    /// Five visits on each of three days, each of an hour and every other minute of it free.
    pub(crate) async fn a_few_for_each(&self) {
        let starts = "(n / 5) * 1440 + 840 + (n % 5) * 60";
        self.appointments_for_each(15, starts, &format!("{starts} + 30"), "TRUE").await;
    }

    /// Nothing free until after the booking horizon.
    pub(crate) async fn booked_out(&self, whose: &str) {
        self.appointments_for_each(92, "n * 1440", "n * 1440 + 1440", whose).await;
    }
}
