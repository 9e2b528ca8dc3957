//! What the cookies look like.

use super::*;

fn shown(cookie: OwnCookie, sent: &HeaderMap) -> Option<&str> {
    cookie.shown(sent)
}

fn sent(values: &[&'static str]) -> HeaderMap {
    values.iter().map(|value| (COOKIE, HeaderValue::from_static(value))).collect()
}

#[test]
fn the_cookie_is_found_among_others_and_only_once() {
    let plain = OwnCookie::of_sessions(None);
    assert_eq!(shown(plain, &sent(&["a=b; clinic=cls_1; c=d"])), Some("cls_1"));
    assert_eq!(shown(plain, &sent(&["a=b", "clinic=cls_1"])), Some("cls_1"));
    for none in
        [&[][..], &["clinic="], &["xclinic=1"], &["clinic=1; clinic=2"], &["clinic=1", "clinic=1"]]
    {
        assert_eq!(shown(plain, &sent(none)), None, "{none:?}");
    }
    let public: PublicUrl = "https://clinic.example".parse().unwrap();
    let secure = OwnCookie::of_sessions(Some(&public));
    assert_eq!(shown(secure, &sent(&["clinic=cls_1; __Host-clinic=cls_2"])), Some("cls_2"));
    assert_eq!(shown(plain, &sent(&["__Host-clinic=cls_2"])), None);
}

#[test]
fn under_https_it_is_the_hosts_own() {
    let public: PublicUrl = "https://clinic.example/booking".parse().unwrap();
    let kept = OwnCookie::of_sessions(Some(&public)).keep("cls_1").unwrap();
    assert_eq!(kept, "__Host-clinic=cls_1; Path=/; HttpOnly; SameSite=Lax; Secure");
    let plain = OwnCookie::of_sessions(None);
    assert_eq!(plain.keep("cls_1").unwrap(), "clinic=cls_1; Path=/; HttpOnly; SameSite=Lax");
    let forgotten = plain.forget().unwrap();
    assert!(forgotten.to_str().unwrap().ends_with("Max-Age=0"));
}
