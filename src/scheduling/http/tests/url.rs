use super::*;

#[test]
fn a_base_url_that_cannot_be_used_is_a_typed_error() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let new = |url: &str| HttpSchedulingClient::new(HttpSettings::new(url)).err();

    assert!(matches!(new("scheduler:8080/x y"), Some(HttpSettingsError::Scheme)));
    assert!(matches!(new("/appointments"), Some(HttpSettingsError::NotAUrl)));
    assert!(matches!(new("ftp://scheduler"), Some(HttpSettingsError::Scheme)));
    assert!(matches!(new("http://scheduler?a=b"), Some(HttpSettingsError::QueryOrFragment)));
    assert!(new("https://scheduler.example/v1/").is_none());
}

#[test]
fn an_external_id_is_one_segment_whatever_is_in_it() {
    let client = client_of("http://scheduler/v1/");
    let url = |id| client.appointment(id).map(|url| url.as_str().to_owned());

    let escaped = "http://scheduler/v1/appointments/a%2F..%5Cb%3Fc%23d%252e";
    assert_eq!(url("a/..\\b?c#d%2e"), Ok(escaped.to_owned()));
    for id in ["", ".", "..", "a\nb"] {
        assert_eq!(url(id), Err(SchedulingError::NotFound));
    }
}
