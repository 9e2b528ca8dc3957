//! What will do as a password, and what will not.

use super::*;

fn refused(text: &str) -> Option<&'static str> {
    Password::chosen(text, "Ada.Admin@example.com", "Ada Admin the First").err()
}

#[test]
fn a_long_password_will_do_whatever_it_is_made_of() {
    for text in [
        "seven wise badgers",
        "thirteen char",
        "ääöö日本語の合言葉です。",
        &"the same again and ".repeat(50),
        "0xdeadbeef-cafe",
    ] {
        assert_eq!(refused(text), None, "{text}");
    }
}

#[test]
fn what_is_short_or_tried_first_will_not() {
    for text in [
        "",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "121212121212",
        "123456789012",
        "Password1234!",
        "PasswordPassword",
        "qwertyuiop123",
        "ada.admin@EXAMPLE.com",
        "ada admin the first",
        &"x1y2z3w4".repeat(200),
    ] {
        assert!(refused(text).is_some(), "{text}");
    }
}

#[test]
fn one_password_has_one_form() {
    let composed = Password::given("pässwort").into_text();
    assert_eq!(composed, Password::given("pa\u{308}sswort").into_text());
}
