//! The routes of REST, from the document that describes them.

use std::panic::AssertUnwindSafe;

use clinic::access::Role;
use futures_util::FutureExt as _;
use reqwest::Method;

use super::asked::{OF_THE_CALLER, ROUTES};
use super::doors::Caller;
use super::rules::{Verdict, Whose, is_of_somebody, verdict};
use super::{Walk, filled};
use crate::support::DOCUMENT;

/// Fails for a route that is described and has no rule.
pub(super) fn assert_all_known() {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let routes = paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
    });
    for route in routes {
        let mut known = ROUTES.iter().map(|(known, ..)| *known).chain(OF_THE_CALLER);
        assert!(known.any(|known| known == route), "{route} has no rule in `walk/asked.rs`");
    }
}

impl Walk<'_> {
    /// Every route, as JSON and, of lists, as CSV.
    pub(super) async fn routes(&mut self, caller: &mut Caller<'_>, role: Role) {
        for rule in ROUTES {
            for whose in [Whose::Own, Whose::Others] {
                for accept in ["application/json", "text/csv, */*;q=0.1"] {
                    let asked = self.route(caller, role, rule, (whose, accept));
                    let asked = AssertUnwindSafe(asked).catch_unwind().await;
                    self.note(asked);
                }
            }
        }
    }

    async fn route(
        &mut self,
        caller: &Caller<'_>,
        role: Role,
        (route, row, with, expected): &(&str, &str, &str, u16),
        (whose, accept): (Whose, &str),
    ) {
        let (method, path) = route.split_once(' ').unwrap();
        let names_somebody = is_of_somebody(with);
        let with = filled(with, self.clinic, whose);
        let (query, body) = if method == "get" { (with.as_str(), "") } else { ("", with.as_str()) };
        let path = filled(&path.replace("{id}", "$VISIT"), self.clinic, whose);
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let answer = caller.requests.rest(method, &format!("{path}{query}"), accept, body).await;
        self.steps += 1;
        let what = format!("{route} as {role:?}, {whose:?}: {answer:?}");
        self.canaries.search(role, &format!("{:?} {}", answer.headers, answer.text), &what);
        // Lists hold what is the caller's, whomever they are asked for.
        let of_somebody = route.contains("{id}") || (*row == "BOOK" && names_somebody);
        let whose = if of_somebody { whose } else { Whose::Own };
        let status = match verdict(row, role, whose) {
            Verdict::Visible => *expected,
            Verdict::Hidden => 404,
            Verdict::Forbidden => 403,
        };
        assert_eq!(answer.status, status, "{what}");
        if status == 403 {
            assert_eq!(answer.problem().1, "FORBIDDEN", "{what}");
        }
    }
}
