"""What Schemathesis asks of every GraphQL answer, beyond its own checks."""

import re
from typing import Any

import graphql
import schemathesis

# Bad arguments that the type system can't refuse are top-level errors on that field, by contract;
# Schemathesis would call every error that has a path the server's fault.
FIELD_CODES = {
    "INVALID_INPUT",
    "UNKNOWN_STATE",
    "UNKNOWN_INSURANCE",
    "NOT_FOUND",
    "NO_MATCHING_PROVIDER",
    "PROVIDER_NOT_ELIGIBLE",
}
# A document that fits the schema may still ask for more than the limits allow.
REQUEST_CODES = {"QUERY_TOO_COMPLEX"}
# A document that does not fit has to be refused for that.
NEGATIVE_CODES = REQUEST_CODES | {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SCALARS = {
    "ID": lambda value: isinstance(value, str) and value != "",
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "Int": lambda value: type(value) is int and -(2**31) <= value < 2**31,
    "DateTime": lambda value: isinstance(value, str) and INSTANT.fullmatch(value),
}


@schemathesis.check
def graphql_answer_fits(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """The status, the errors' codes, and every value against the type the schema gives it."""
    schema = getattr(case.operation.schema, "client_schema", None)
    if schema is None:
        return
    assert response.status_code < 500, "a server error"
    answer = response.json()
    errors = answer.get("errors", [])
    for error in errors:
        code = error.get("extensions", {}).get("code")
        if error.get("path"):
            assert code in FIELD_CODES, f"a field's error has the code {code}"
        else:
            negative = case.meta is not None and case.meta.generation.mode.is_negative
            allowed = NEGATIVE_CODES if negative else REQUEST_CODES
            assert code in allowed, f"the request was refused with the code {code}"
    if answer.get("data") is None:
        assert errors, "neither data nor errors"
        return
    document = graphql.parse(case.body)
    operation = graphql.get_operation_ast(document, None)
    root = schema.get_root_type(operation.operation)
    failed = {tuple(error["path"]) for error in errors if error.get("path")}
    _Answer(schema, failed).object(root, [operation.selection_set], answer["data"], ())


class _Answer:
    """Compares an answer with the types of what was selected."""

    def __init__(self, schema: graphql.GraphQLSchema, failed: set[tuple]) -> None:
        self.schema = schema
        self.failed = failed

    def fields(self, kind: Any, selection_sets: list[Any], found: dict[str, list[Any]]) -> None:
        """The fields selected of an object of one type, by the name each has in the answer."""
        for selection in (one for many in selection_sets for one in many.selections):
            if isinstance(selection, graphql.FieldNode):
                name = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(name, []).append(selection)
                continue
            wanted = selection.type_condition
            wanted = self.schema.get_type(wanted.name.value) if wanted else kind
            abstract = graphql.is_abstract_type(wanted)
            if wanted == kind or (abstract and self.schema.is_sub_type(wanted, kind)):
                self.fields(kind, [selection.selection_set], found)

    def object(self, kind: Any, selection_sets: list[Any], value: dict, path: tuple) -> None:
        selected: dict[str, list[Any]] = {}
        self.fields(kind, selection_sets, selected)
        assert list(value) == list(selected), f"{path} has other keys, or in another order"
        for name, nodes in selected.items():
            field = nodes[0].name.value
            if field == "__typename":
                assert value[name] == kind.name, f"{path} says it is {value[name]}"
                continue
            inner = [node.selection_set for node in nodes if node.selection_set]
            self.value(kind.fields[field].type, inner, value[name], (*path, name))

    def value(self, kind: Any, selection_sets: list[Any], value: Any, path: tuple) -> None:
        if graphql.is_non_null_type(kind):
            assert value is not None, f"{path} is null"
            kind = kind.of_type
        if value is None:
            return
        assert path not in self.failed, f"{path} has an error and a value"
        if graphql.is_list_type(kind):
            assert isinstance(value, list), f"{path} is no list"
            for index, item in enumerate(value):
                self.value(kind.of_type, selection_sets, item, (*path, index))
        elif graphql.is_object_type(kind):
            self.object(kind, selection_sets, value, path)
        elif graphql.is_abstract_type(kind):
            self.any_of(kind, selection_sets, value, path)
        elif graphql.is_enum_type(kind):
            assert value in kind.values, f"{path} is not in {kind.name}"
        else:
            assert SCALARS[kind.name](value), f"{path} is no {kind.name}"

    def any_of(self, kind: Any, selection_sets: list[Any], value: dict, path: tuple) -> None:
        """Without `__typename` an object has to fit one of the types it may be."""
        reasons = []
        for possible in self.schema.get_possible_types(kind):
            try:
                return self.object(possible, selection_sets, value, path)
            except AssertionError as reason:
                reasons.append(str(reason))
        raise AssertionError(f"{path} fits no {kind.name}: {'; '.join(reasons)}")
