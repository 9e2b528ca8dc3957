//! What all lists have in common, as the OpenAPI document shows it: pages, and CSV beside JSON.

use serde_json::json;
use utoipa::Modify;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::{Content, OpenApi, RefOr, Required};

/// Every route that answers a list.
const LISTS: [&str; 5] = ["/appointments", "/slots", "/providers", "/patients", "/insurances"];

/// Adds it to each of them.
pub(in crate::http::rest) struct DescribedLists;

impl Modify for DescribedLists {
    fn modify(&self, document: &mut OpenApi) {
        for route in LISTS {
            let route = document.paths.paths.get_mut(route);
            if let Some(list) = route.and_then(|route| route.get.as_mut()) {
                describe(list);
            }
        }
    }
}

fn describe(list: &mut Operation) {
    list.parameters.get_or_insert_default().extend([limit(), cursor()].map(RefOr::T));
    let responses = &mut list.responses.responses;
    if let Some(RefOr::T(page)) = responses.get_mut("200") {
        page.content.insert("text/csv".to_owned(), RefOr::T(Content::new(Some(text()))));
        page.headers.insert("Link".to_owned(), RefOr::T(link()));
    }
    if let Some(RefOr::T(mut refused)) = responses.get("422").cloned() {
        "Neither JSON nor CSV is asked for: `NOT_ACCEPTABLE`.".clone_into(&mut refused.description);
        responses.insert("406".to_owned(), RefOr::T(refused));
    }
}

fn text() -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.description(Some("A header, then a line a row (RFC 4180).")).build()
}

fn limit() -> Parameter {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let number = number.minimum(Some(1)).maximum(Some(200)).default(Some(json!(50)));
    let parameter = ParameterBuilder::new().name("limit").parameter_in(ParameterIn::Query);
    let parameter = parameter.required(Required::False).schema(Some(number));
    parameter.description(Some("How many at most: 50 unless given")).build()
}

fn cursor() -> Parameter {
    let parameter = ParameterBuilder::new().name("cursor").parameter_in(ParameterIn::Query);
    let parameter = parameter
        .required(Required::False)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    parameter.description(Some("The next_cursor of the page before")).build()
}

fn link() -> Header {
    let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    header
        .description(Some("The next page, with `rel=\"next\"` (RFC 8288), unless this is the last"))
        .build()
}
