//! The file `.env`: a setting a line, taken literally. No `$` is replaced and no `\` means more than
//! itself, for a token may hold either.

/// What ends a line for some editors. To us it would hide what comes after it, in a value or a comment.
const OTHER_LINE_ENDS: [char; 6] = ['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// One setting of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// The settings of a file, or which line can't be read and why; never what stands there.
pub(super) fn read(text: &str) -> Result<Vec<Entry<'_>>, String> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    // Some editors begin a file with a byte order mark.
    for (number, line) in (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines()) {
        let line = line.trim();
        if line.contains(OTHER_LINE_ENDS) {
            return Err(format!(
                "line {number} has another line end in it than a line feed (a carriage return alone, \
                 U+2028 or the like), so it may be several: save the file with line feeds"
            ));
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = entry(line).map_err(|wrong| format!("line {number} {wrong}"))?;
        if entries.iter().any(|earlier| earlier.name == entry.name) {
            return Err(format!("line {number} sets {} again", entry.name));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(line: &str) -> Result<Entry<'_>, &'static str> {
    // Shells read such a file too.
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, value) = line.split_once('=').ok_or("has no =")?;
    let name = name.trim_end();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err("does not begin with the name of a setting");
    }
    Ok(Entry { name, value: value_in(value.trim_start())? })
}

/// What stands between quotes, or else everything up to a comment, which has a space before it.
fn value_in(text: &str) -> Result<&str, &'static str> {
    let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        let is_comment = |(at, _): &(usize, &str)| {
            text.get(..*at).is_none_or(|before| before.is_empty() || before.ends_with([' ', '\t']))
        };
        let comment = text.match_indices('#').find(is_comment).map(|(at, _)| at);
        return Ok(comment.and_then(|at| text.get(..at)).unwrap_or(text).trim_end());
    };
    let (value, after) = text
        .strip_prefix(quote)
        .and_then(|rest| rest.split_once(quote))
        .ok_or("has no second quote")?;
    let after = after.trim_start();
    if after.is_empty() || after.starts_with('#') {
        Ok(value)
    } else {
        Err("goes on after the second quote")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(line: &str) -> String {
        let entries = read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        entries.into_iter().map(|entry| format!("{}={}", entry.name, entry.value)).collect()
    }

    #[test]
    fn a_value_is_what_stands_there() {
        for (line, expected) in [
            ("A=b", "A=b"),
            ("  export A = b c \r", "A=b c"),
            ("A=p$a${B}s\\w`x`$(y)", "A=p$a${B}s\\w`x`$(y)"),
            ("A=\"p$a\\n#s 'w\" # comment", "A=p$a\\n#s 'w"),
            ("A='p$a\"s '", "A=p$a\"s "),
            ("A=a#b #c", "A=a#b"),
            ("A=b'c'", "A=b'c'"),
            ("A==", "A=="),
            ("A=", "A="),
            ("A=\"\"", "A="),
            ("A= # comment", "A="),
            ("A=#b", "A="),
            ("\u{feff}A=é\n\n# B=c\n", "A=é"),
        ] {
            assert_eq!(value(line), expected, "{line}");
        }
    }

    #[test]
    fn a_line_that_could_mean_two_things_is_refused_without_being_repeated() {
        for line in ["A", "=b", "A B=c", "A-B=c", "A=\"b", "A='b\n'", "A=\"b\"c", "A='b' 'c'"] {
            assert_eq!(read(&format!("X=y\n{line}")).err().unwrap()[..7], *"line 2 ", "{line}");
        }
        for end in ["\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            for first in ["A=secret", "# a comment"] {
                let error = read(&format!("X=y\r\n{first}{end}B=secret\r\n")).unwrap_err();
                assert!(error.starts_with("line 2 has another line end"), "{error}");
                assert!(!error.contains("secret"), "{error}");
            }
        }
        assert_eq!(read("A=secret\nA=secret"), Err("line 2 sets A again".to_owned()));
    }
}
