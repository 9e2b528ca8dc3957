//! Why not: of a time, and of providers.

use async_graphql::{Context, ID, Object};

use crate::domain::PatientId;
use crate::graphql::error::ApiError;
use crate::graphql::types::instant::DateTime;
use crate::graphql::types::reasons::{MatchResultObject, TimeExplanationObject};
use crate::graphql::types::slot::{asked_visit, asked_visit_type};
use crate::graphql::{actor, services};
use crate::request::asked_provider_id;
use crate::search::{MatchQuestion, TimeQuestion};

/// Why not.
#[derive(Default)]
pub struct ReasonQuery;

/// Why not.
#[Object]
impl ReasonQuery {
    /// Why a time can or can't be booked with a provider: every reason that applies, in the order in which
    /// booking refuses, with the facts in words that can be read out. Say who the patient is, or at least
    /// state and insurance, to have them judged as well; without either only the calendar is. Nothing is
    /// changed, and nobody learns whose visit is in the way.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn explain_time(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider's id.")] provider_id: ID,
        #[graphql(desc = "The start asked about, a whole minute.")] starts_at: DateTime,
        #[graphql(
            desc = "Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else that of the visit that would move, else 30."
        )]
        duration_minutes: Option<i32>,
        #[graphql(desc = "The visit type: who does not offer it can't be booked.")]
        visit_type_id: Option<ID>,
        #[graphql(
            desc = "The patient, whose other visits count as well; you must be allowed to see them."
        )]
        patient_id: Option<ID>,
        #[graphql(
            desc = "The state the patient is in; goes with `insurance`. That of the visit that would move, or the patient's last one, unless given."
        )]
        state: Option<String>,
        #[graphql(
            desc = "The patient's insurance; goes with `state`. That of the visit that would move, or the patient's last one, unless given."
        )]
        insurance: Option<String>,
        #[graphql(
            desc = "The visit that would move there: its own time is not in the way. You must be allowed to see it."
        )]
        instead_of: Option<ID>,
    ) -> Option<Result<TimeExplanationObject, ApiError>> {
        let explain = async {
            let question = TimeQuestion {
                provider_id: asked_provider_id(&provider_id),
                starts_at: starts_at.0,
                length: None,
                visit_type: asked_visit_type(visit_type_id),
                patient_id: patient_id.map(|id| id.parse().unwrap_or(PatientId::NOBODY)),
                state,
                insurance,
                instead_of: asked_visit(instead_of),
            };
            let question = question.checked(duration_minutes.map(i64::from))?;
            let explained = services(context).search.explain(actor(context), &question).await?;
            Ok(TimeExplanationObject(explained))
        };
        Some(explain.await)
    }

    /// Who may treat a patient in a state with an insurance, at a time if one is asked for; and of everybody
    /// else why not, with the facts in words that can be read out. Without a time whoever may treat the patient
    /// on some day within the booking horizon is matched, which is whom booking looks at.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn match_providers(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The state the patient is in: a two-letter code or a name, such as `CT` or `Connecticut`."
        )]
        state: String,
        #[graphql(
            desc = "The patient's insurance: any of the names that people write for it, such as `Aetna`."
        )]
        insurance: String,
        #[graphql(
            desc = "The start of the visit, a whole minute, not in the past: who is not free then is excluded."
        )]
        starts_at: Option<DateTime>,
        #[graphql(
            desc = "Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30."
        )]
        duration_minutes: Option<i32>,
        #[graphql(desc = "The visit type: who does not offer it is excluded.")]
        visit_type_id: Option<ID>,
        #[graphql(
            desc = "At most so many of either kind: at most 100.",
            default_with = "Some(50)"
        )]
        first: Option<i32>,
    ) -> Option<Result<MatchResultObject, ApiError>> {
        let find = async {
            let question = MatchQuestion::parse(
                (&state, insurance),
                starts_at.map(|at| at.0),
                (duration_minutes.map(i64::from), asked_visit_type(visit_type_id)),
                first.unwrap_or(USUAL_MATCHES).into(),
            )?;
            let found = services(context).search.match_providers(actor(context), &question).await?;
            Ok(MatchResultObject(found))
        };
        Some(find.await)
    }
}

/// How many providers of either kind are told unless told otherwise.
const USUAL_MATCHES: i32 = 50;
