//! Values as the library may be given them: it escapes and folds, and believes whatever else it gets.

use jiff::Timestamp;

/// A text of one line: a line break in a value could end its line, and begin a property of somebody's own.
pub(super) fn text(value: &str) -> String {
    value.chars().filter(|sign| !sign.is_control()).collect()
}

/// The value of a parameter, in which no quotation mark can stand; what begins an escape there is doubled (RFC 6868).
/// A backslash begins none, and is taken to do so by readers of note.
pub(super) fn parameter(value: &str) -> String {
    text(value).replace('"', "'").replace('\\', "/").replace('^', "^^")
}

/// An address, as calendars have those of people.
pub(super) fn mailto(address: &str) -> String {
    let signs = address.chars().filter(|sign| !sign.is_control());
    let escaped = signs.map(|sign| match sign {
        ' ' | '"' | '%' | '?' | '#' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => {
            format!("%{:02X}", u32::from(sign))
        }
        _ => sign.to_string(),
    });
    format!("mailto:{}", escaped.collect::<String>())
}

/// An instant, in UTC and whole seconds.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
