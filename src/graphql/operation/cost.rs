//! What an operation costs: about how long its answer takes, known before anything is read.
//!
//! It is worked out on the operation as it is run (`canonical`): there are no variables, each name of
//! an answer stands once, and fragments only where an interface has several types.

mod amount;
mod price;

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use self::amount::Cost;
use self::price::{Price, SOME, of_object, price};
use super::served_schema::ServedSchema;

/// What an operation costs as it is run, whose root is of that type.
pub(super) fn cost(schema: &ServedSchema, root: &str, document: &ExecutableDocument) -> usize {
    let sets = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let meter = Meter(schema);
    let costs = sets.map(|set| meter.set(root, set, SOME, &mut HashSet::new()));
    costs.fold(Cost::NONE, Cost::and).whole()
}

#[derive(Clone, Copy)]
struct Meter<'a>(&'a ServedSchema);

impl<'a> Meter<'a> {
    /// A selection of an object whose own lists have so many items. `asked`: its fields until now.
    fn set(
        self,
        of: &'a str,
        set: &'a SelectionSet,
        items: u64,
        asked: &mut HashSet<(&'a str, &'a str)>,
    ) -> Cost {
        let mut sum = Cost::NONE;
        for selection in &set.items {
            sum = sum.and(match &selection.node {
                Selection::Field(field) => {
                    let cost = self.field(of, &field.node, items);
                    let again = !asked.insert((of, field.node.name.node.as_str()));
                    // Nobody needs the same under many names but who wants the answer to be large.
                    if again { cost.and(Cost::ROW) } else { cost }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let of = condition.map_or(of, |condition| condition.node.on.node.as_str());
                    self.set(of, &fragment.node.selection_set.node, items, asked)
                }
                // Written out already.
                Selection::FragmentSpread(_) => Cost::NONE,
            });
        }
        sum
    }

    fn field(self, of: &str, field: &'a Field, items: u64) -> Cost {
        let Ok(definition) = self.0.schema().type_field(of, &field.name.node) else {
            return Cost::ROW;
        };
        let (ty, is_list) = (definition.ty.inner_named_type().as_str(), definition.ty.is_list());
        let Price { own, times, inside } = price(of, field, ty, items);
        let Some((ty, object)) = of_object(self.0, ty) else {
            return if own == Cost::NONE { Cost::VALUE } else { own };
        };
        let selected = self.set(ty, &field.selection_set.node, inside, &mut HashSet::new());
        own.and(object.and(selected).times(if is_list { times } else { 1 }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Map;

    use crate::graphql::operation::{ParsedDocument, PreparedOperation, ServedSchema};

    fn cost(query: &str) -> usize {
        let schema = ServedSchema::get().unwrap();
        let parsed = ParsedDocument::parse(query).unwrap();
        let valid = Arc::new(parsed.validate(&schema, true).unwrap());
        let operation = valid.operation(None).unwrap().clone();
        let prepared = PreparedOperation::new(schema, valid, operation, 2000);
        prepared.with(&Map::new(), true).unwrap().write().unwrap().cost
    }

    const DAY: &str = "from: \"2027-01-11T00:00:00Z\", to: \"2027-01-12T00:00:00Z\"";

    #[test]
    fn values_cost_next_to_nothing_and_objects_what_it_takes_to_read_them() {
        let visits = |selected: &str| {
            cost(&format!("{{ appointments({DAY}, first: 100) {{ nodes {{ {selected} }} }} }}"))
        };
        assert_eq!(visits("id"), 1 + 102);
        assert_eq!(visits("id status startsAt endsAt version"), 1 + 110);
        assert_eq!(visits("id patient { name }"), 1 + 204);
        assert_eq!(visits("id provider { name } visitType { name }"), 1 + 102 + 24);
    }

    #[test]
    fn the_same_again_under_other_names_costs_a_row_each() {
        let names: String = (0..49).map(|n| format!("a{n}: reason ")).collect();
        let query =
            format!("{{ appointments({DAY}, first: 100) {{ nodes {{ {names} reason }} }} }}");
        assert_eq!(cost(&query), 1 + 100 + 100 + 4900);
        let providers: String = (0..20).map(|n| format!("a{n}: provider {{ name }} ")).collect();
        let query = format!("{{ appointments({DAY}, first: 1) {{ nodes {{ {providers} }} }} }}");
        assert_eq!(cost(&query), 1 + 1 + 19 + 3);
    }

    #[test]
    fn a_count_is_a_read_and_not_one_for_each_item() {
        assert_eq!(cost("{ patients(first: 100) { totalCount } }"), 1 + 5);
        let of_each = format!(
            "{{ providers(first: 100) {{ nodes {{ appointments({DAY}, first: 0) {{ totalCount }} }} }} }}"
        );
        assert_eq!(cost(&of_each), 1 + 100 * 6 + 10);
    }

    #[test]
    fn a_series_costs_what_its_visits_do_and_a_hundred_of_them_fit_into_one_request() {
        let of = |when: &str| {
            cost(&format!(
                "{{ previewSeries(input: {{ {when} }}) {{ provider {{ name }} occurrences {{
                    index startsAt localStartsAt bookable reasons {{ code message from until overrulable }} note
                    alternative {{ startsAt provider {{ name }} }} }} }} }}"
            ))
        };
        let by_rule =
            |rule: &str| of(&format!("startsAt: \"2027-01-18T15:00:00Z\", rule: \"{rule}\""));
        // 20 and the object; a provider; of each visit itself, five values, ten reasons, a time with its provider.
        let a_visit: usize = 5 + 5 + 10 * 10 + 5 + 1 + 6;
        let costs = |visits: usize| 20 + 1 + (6 + visits * a_visit).div_ceil(50);
        let (most, few) = (costs(100), costs(2));
        assert_eq!(by_rule("FREQ=DAILY;COUNT=100"), most);
        assert_eq!(by_rule("FREQ=DAILY;UNTIL=20270201"), most);
        assert!(most < 5000);
        assert_eq!(by_rule("FREQ=DAILY;COUNT=2"), few);
        assert_eq!(of("times: [\"2027-01-18T15:00:00Z\", \"2027-01-19T15:00:00Z\"]"), few);
        // What is refused costs little.
        assert!(by_rule("FREQ=SECONDLY;COUNT=100") < few);
    }

    #[test]
    fn what_is_narrowed_for_the_types_of_an_interface_is_the_sum_of_them() {
        let query = "{ node(id: 1) { id ... on Provider { name } ... on Patient { name email } } }";
        assert_eq!(cost(query), 2);
        let again =
            "{ node(id: 1) { ... on Patient { name a: name } ... on Patient { b: name } } }";
        assert_eq!(cost(again), 4);
    }

    #[test]
    fn what_tools_ask_of_the_schema_is_served() {
        let types = "name kind ofType { name kind ofType { name kind } }";
        let query = format!(
            "{{ __schema {{ types {{ name fields {{ name args {{ name type {{ {types} }} }} type {{ {types} }} }} }} }} }}"
        );
        assert!(cost(&query) < 20);
    }
}
