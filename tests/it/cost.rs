//! What a query may cost, by the formula and the examples of `docs/graphql.md`.

use serde_json::json;

use crate::support::{RosterBuilder, TestApp, on_both_engines};

const LIMIT: usize = 5000;

/// Root fields that cost exactly so much, two at least, together.
fn padding(mut amount: usize) -> String {
    let mut fields = Vec::new();
    loop {
        let (cost, field) = match amount {
            0 => return fields.join(" "),
            1 => panic!("nothing costs one"),
            800.. => (401, "patients(first: 100) { nodes { id name email } }".to_owned()),
            _ => {
                let cost = amount.min(101) - usize::from(amount == 102);
                (cost, format!("patients(first: {}) {{ totalCount }}", cost - 1))
            }
        };
        fields.push(format!("padding{}: {field}", fields.len()));
        amount -= cost;
    }
}

/// The cost is what leaves exactly the rest of the limit to others.
async fn assert_cost(app: &TestApp, fields: &str, cost: usize) {
    for (rest, fits) in [(LIMIT - cost, true), (LIMIT - cost + 1, false)] {
        let query = format!("{{ {fields} {} }}", padding(rest));
        let answer = app.graphql(&query, json!({})).await;
        if fits {
            assert!(answer["errors"].is_null(), "costs more than {cost}: {fields} {answer}");
        } else {
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(code, "QUERY_TOO_COMPLEX", "costs less than {cost}: {fields}");
        }
    }
}

/// The dashboard of 50 providers with free times up to that day of January.
fn dashboard(until: u8) -> String {
    format!(
        "providers(first: 50) {{ nodes {{
            states insurances workingHours {{ weekday opensAt closesAt }}
            appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\", first: 5) {{
                nodes {{ patient {{ name }} }} }}
            firstAvailable {{ startsAt }}
            availableSlots(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-{until}T00:00:00Z\") {{ startsAt endsAt }}
        }} }}"
    )
}

on_both_engines! {
    async fn queries_cost_what_the_documentation_says(engine) {
        let app = TestApp::spawn(engine).await;
        assert_cost(&app, "providers { nodes { name states } }", 61).await;
        assert_cost(&app, "patients(first: 50) { totalCount nodes { name } }", 151).await;
        let nested = "patients(first: 50) { nodes { name appointments(first: 5) { nodes { startsAt provider { name } } } } }";
        assert_cost(&app, nested, 1151).await;
        assert_cost(&app, &dashboard(12), 2151).await;
        assert_cost(&app, &dashboard(18), 3351).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let slots = format!(
            "availableSlots(providerId: \"{id}\", from: \"2027-01-11T00:00:00Z\", to: \"2027-02-10T00:00:00Z\") {{ startsAt }}"
        );
        assert_cost(&app, &slots, 65).await;
        let documented = include_str!("../../docs/graphql.md");
        for figure in ["61", "151", "1,151", "2,151", "3,351", "65", "5,000"] {
            assert!(documented.contains(figure), "{figure} is not in docs/graphql.md");
        }
    }
}

on_both_engines! {
    async fn a_full_dashboard_of_fifty_providers_and_a_week_fits_the_limit(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(50)).spawn().await;
        let fuller = dashboard(18)
            .replace("nodes { states", "nodes { id name timeZone states")
            .replace("nodes { patient { name } }", "nodes { id startsAt endsAt status patient { id name } }");
        let answer = app.graphql(&format!("{{ {fuller} }}"), json!({})).await;
        let nodes = answer["data"]["providers"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(nodes.len(), 50);
        assert_eq!(nodes[0]["availableSlots"].as_array().unwrap().len(), 5 * 31);
    }
}

on_both_engines! {
    async fn an_empty_page_is_not_free_for_what_it_counts(engine) {
        let app = TestApp::spawn(engine).await;
        assert_cost(&app, "providers(first: 100) { nodes { a: appointments(from: \"2027-01-11T00:00:00Z\",
            to: \"2027-01-18T00:00:00Z\", first: 0) { totalCount } } }", 301).await;
    }
}
