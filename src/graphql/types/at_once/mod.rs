//! Pages of visits, made at once: their selection is read one time, and not as a future for each field
//! of each visit.
//!
//! Nothing is decided here: whatever is not the plainest of fields is left to the library, the whole
//! page of it (docs/adr/0035). `tests/it/policy/at_once.rs` compares the
//! two.

mod at_hand;
mod leaves;
mod plan;

use async_graphql::{ContextSelectionSet, Value};

use self::plan::Plan;
use super::appointment::AppointmentObject;

/// Why the library has to make a page.
#[derive(Debug)]
struct Unusual;

/// A page of visits as it is selected; none where the library has to make it.
pub(super) async fn page(
    visits: &[AppointmentObject],
    context: &ContextSelectionSet<'_>,
) -> Option<Value> {
    let plan = Plan::of(context.item)?;
    let known = plan.known_of(visits, context).await.ok()?;
    plan.page(visits, &known, context).ok()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::Selection;

    use super::*;

    fn is_made_at_once(selected: &str) -> bool {
        let document = parse_query(format!("{{ nodes {{ {selected} }} }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let Selection::Field(nodes) = &operation.node.selection_set.node.items[0].node else {
            panic!("no field: {selected}");
        };
        Plan::of(&nodes.node.selection_set).is_some()
    }

    #[test]
    fn what_a_desk_asks_is_made_at_once() {
        let day = "id version status startsAt endsAt pendingStartsAt state visitType { id name } patient { id name }";
        assert!(is_made_at_once(day));
        assert!(is_made_at_once("__typename localStartsAt provider { name } patientLocalStartsAt"));
        assert!(is_made_at_once(
            "a: reason cancelReason insurance patient { insurance birthDate }"
        ));
    }

    #[test]
    fn whatever_is_not_plain_is_left_to_the_library() {
        for selected in [
            "history { kind }",
            "provider { workingHours(on: \"2027-01-11\") { weekday } }",
            "provider { states }",
            "patient { appointments { totalCount } }",
            "id @skip(if: true)",
            "... on Appointment { id }",
            "...Named",
            "id(unknown: 1)",
            "unknown",
        ] {
            assert!(!is_made_at_once(selected), "{selected}");
        }
    }
}
