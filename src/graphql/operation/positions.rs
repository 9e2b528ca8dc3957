//! Where in a document something stands, as the specification counts: lines and characters from 1.

use apollo_compiler::Node;
use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

/// The lines of a document.
#[derive(Debug)]
pub(super) struct Positions {
    /// Where each line begins, and whether it is of ASCII letters only.
    lines: Vec<(usize, bool)>,
    text: String,
}

impl Positions {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| {
            **byte == b'\n' || (**byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
        });
        let mut begins = vec![0];
        begins.extend(ends.map(|(at, _)| at + 1));
        let line = |number: usize| {
            let end = begins.get(number + 1).copied().unwrap_or(bytes.len());
            (begins[number], bytes[begins[number]..end].is_ascii())
        };
        Self { lines: (0..begins.len()).map(line).collect(), text: text.to_owned() }
    }

    /// The position of a byte.
    pub(super) fn at(&self, offset: usize) -> Pos {
        let number = self.lines.partition_point(|(begin, _)| *begin <= offset).saturating_sub(1);
        let (begin, ascii) = self.lines[number];
        let characters = match self.text.get(begin..offset) {
            Some(before) if !ascii => before.chars().count(),
            _ => offset.saturating_sub(begin),
        };
        Pos { line: number + 1, column: characters + 1 }
    }

    /// The position of what was read from this document.
    pub(super) fn of_node<T: ?Sized>(&self, node: &Node<T>) -> Pos {
        self.of_span(node.location())
    }

    pub(super) fn of_span(&self, span: Option<SourceSpan>) -> Pos {
        self.at(span.map_or(0, |span| span.offset()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_any_of_the_three_ways_and_characters_are_counted() {
        let text = "{\r\n  a\r\r  é: b\n}";
        let positions = Positions::of(text);
        let at = |part: &str| {
            let Pos { line, column } = positions.at(text.find(part).unwrap());
            (line, column)
        };
        assert_eq!(
            (at("{"), at("a"), at("é"), at("b"), at("}")),
            ((1, 1), (2, 3), (4, 3), (4, 6), (5, 1))
        );
        assert_eq!(Positions::of("").at(0), Pos { line: 1, column: 1 });
    }
}
