//! The media types that a list is answered in, and which of them a client wants.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// A media type that a list is answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}

/// A range of media types in `Accept`.
struct MediaRange<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: f32,
}

impl<'a> MediaRange<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let is_quality = |part: &&str| {
            part.split('=').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("q"))
        };
        let quality = match parts.find(is_quality) {
            None => 1.0,
            Some(part) => {
                part.split_once('=')?.1.trim().parse().ok().filter(|q| (0.0..=1.0).contains(q))?
            }
        };
        Some(Self { kind, subtype, quality })
    }

    /// How closely it names a format: 3 by name, 1 as anything; none when it does not.
    fn closeness(&self, format: Format) -> Option<u8> {
        let (kind, subtype) = match format {
            Format::Json => ("application", "json"),
            Format::Csv => ("text", "csv"),
        };
        match (self.kind, self.subtype) {
            ("*", "*") => Some(1),
            (given, "*") if given.eq_ignore_ascii_case(kind) => Some(2),
            (given, name)
                if given.eq_ignore_ascii_case(kind) && name.eq_ignore_ascii_case(subtype) =>
            {
                Some(3)
            }
            _ => None,
        }
    }
}

impl Format {
    /// The one that `Accept` prefers. Of two that it likes as much, the one it names more closely,
    /// then the one it names first, then JSON; none when it takes neither.
    pub(super) fn negotiated(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let asked: Vec<&str> = values
            .flat_map(|value| value.split(','))
            .filter(|range| !range.trim().is_empty())
            .collect();
        if asked.is_empty() {
            return Some(Self::Json);
        }
        let ranges: Vec<MediaRange> =
            asked.into_iter().filter_map(|range| MediaRange::parse(range.trim())).collect();
        // The range that names a format most closely decides about it.
        let wish = |format| {
            let named = ranges.iter().enumerate().filter_map(|(place, range)| {
                Some((range.closeness(format)?, ranges.len() - place, range.quality))
            });
            let decides = named.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
            decides.filter(|(_, _, quality)| *quality > 0.0)
        };
        match (wish(Self::Json), wish(Self::Csv)) {
            (Some(json), Some(csv)) => {
                let as_much = csv.2.total_cmp(&json.2);
                let is_csv = as_much.then((csv.0, csv.1).cmp(&(json.0, json.1))).is_gt();
                Some(if is_csv { Self::Csv } else { Self::Json })
            }
            (Some(_), None) => Some(Self::Json),
            (None, Some(_)) => Some(Self::Csv),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_for(values: &[&str]) -> Option<Format> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, value.parse().unwrap());
        }
        Format::negotiated(&headers)
    }

    #[test]
    fn json_is_what_whoever_does_not_care_gets() {
        for values in
            [&[][..], &[""], &[" , "], &["*/*"], &["application/*"], &["text/html,*/*;q=0.8"]]
        {
            assert_eq!(format_for(values), Some(Format::Json), "{values:?}");
        }
    }

    #[test]
    fn what_is_liked_more_wins() {
        for (values, expected) in [
            (&["text/csv"][..], Format::Csv),
            (&["Text/CSV; charset=utf-8; header=present"], Format::Csv),
            (&["text/*"], Format::Csv),
            (&["text/csv, application/json;q=0.9"], Format::Csv),
            (&["text/csv;q=0.5, application/json"], Format::Json),
            (&["text/csv;Q=0.1", "application/json; q=0.2"], Format::Json),
            (&["text/csv;q=0.5, */*;q=0.1"], Format::Csv),
            (&["application/json;q=0, */*"], Format::Csv),
            (&["text/csv;q=0, */*"], Format::Json),
            // As much: by name before by range, then the first.
            (&["*/*, text/csv"], Format::Csv),
            (&["text/csv, application/json"], Format::Csv),
            (&["application/json, text/csv"], Format::Json),
            (&["text/csv;q=2, application/json"], Format::Json),
        ] {
            assert_eq!(format_for(values), Some(expected), "{values:?}");
        }
    }

    #[test]
    fn what_is_neither_is_not_acceptable() {
        for value in ["application/xml", "text/html", "text/csv;q=0", "csv", "text/csv;q=x"] {
            assert_eq!(format_for(&[value]), None, "{value}");
        }
    }
}
