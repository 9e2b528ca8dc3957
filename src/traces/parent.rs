//! Where work belongs in a trace, as services tell each other.

use std::fmt;

/// The place in a trace that work belongs below, as W3C Trace Context writes it:
/// <https://www.w3.org/TR/trace-context/#traceparent-header>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent {
    /// Of the trace: 32 digits of hexadecimal.
    pub trace_id: String,
    /// Of the span that the work belongs to: 16 of them.
    pub parent_id: String,
    /// Whether the trace is sent to a receiver.
    pub is_sampled: bool,
}

impl TraceParent {
    /// None where it is not well-formed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace_id) = (parts.next()?, parts.next()?);
        let (parent_id, flags) = (parts.next()?, parts.next()?);
        let valid = is_hex(version, 2)
            && version != "ff"
            && is_hex(flags, 2)
            // Later versions may say more behind it.
            && (parts.next().is_none() || version != "00")
            && [(trace_id, 32), (parent_id, 16)]
                .iter()
                .all(|(id, length)| is_hex(id, *length) && id.bytes().any(|digit| digit != b'0'));
        let flags = u8::from_str_radix(flags, 16).ok()?;
        valid.then(|| Self {
            trace_id: trace_id.to_owned(),
            parent_id: parent_id.to_owned(),
            is_sampled: flags & 1 == 1,
        })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.parent_id, u8::from(self.is_sampled))
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_parent_is_taken_as_the_specification_has_it() {
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let taken = |is_sampled| {
            Some(TraceParent {
                trace_id: trace.to_owned(),
                parent_id: parent.to_owned(),
                is_sampled,
            })
        };
        for (text, expected) in [
            (format!("00-{trace}-{parent}-01"), taken(true)),
            (format!("00-{trace}-{parent}-00"), taken(false)),
            (format!("00-{trace}-{parent}-02"), taken(false)),
            (format!("cc-{trace}-{parent}-01-what-comes-later"), taken(true)),
            (format!("00-{trace}-{parent}-01-more"), None),
            (format!("ff-{trace}-{parent}-01"), None),
            (format!("0-{trace}-{parent}-01"), None),
            (format!("00-{trace}-{parent}"), None),
            (format!("00-{trace}-{parent}-1"), None),
            (format!("00-{trace}-{parent}-+1"), None),
            (format!("00-{}-{parent}-01", trace.to_uppercase()), None),
            (format!("00-{}-{parent}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{}g-{parent}-01", &trace[1..]), None),
            (format!("00-{}é-{parent}-01", &trace[2..]), None),
            (format!(" 00-{trace}-{parent}-01"), None),
            (String::new(), None),
        ] {
            assert_eq!(TraceParent::parse(&text), expected, "{text}");
        }
        let written = format!("00-{trace}-{parent}-01");
        assert_eq!(taken(true).map(|parent| parent.to_string()), Some(written));
    }
}
