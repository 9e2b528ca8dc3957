//! `Int` as the specification has it: 32 bits, also where the field never runs.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::parser::types::Directive;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{
    ContextDirective, CustomDirective, CustomDirectiveFactory, ServerError, ServerResult, Value,
};

/// Makes validation refuse an `Int` that 32 bits do not hold.
///
/// The library finds that out only when it runs the field: `node(id: "…")` that is null would answer
/// a selection inside it that is not valid. Registering a directive is its one public way to the
/// table of types; no directive comes of it.
pub(in crate::graphql) struct StrictInt;

impl CustomDirectiveFactory for StrictInt {
    fn name(&self) -> Cow<'static, str> {
        "__strictInt".into()
    }

    fn register(&self, registry: &mut Registry) {
        if let Some(MetaType::Scalar { is_valid, .. }) = registry.types.get_mut("Int") {
            *is_valid = Some(Arc::new(fits));
        }
    }

    fn create(
        &self,
        _context: &ContextDirective<'_>,
        directive: &Directive,
    ) -> ServerResult<Box<dyn CustomDirective>> {
        // Not in the schema, so that validation has refused it before.
        let position = Some(directive.name.pos);
        Err(ServerError::new("There is no such directive", position))
    }
}

fn fits(value: &Value) -> bool {
    let Value::Number(number) = value else { return false };
    number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}
