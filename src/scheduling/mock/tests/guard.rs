use super::*;

/// The status of a request to these hosts, in these headers' words.
async fn status_at(app: &Router, method: &str, path: &str, hosts: &[&str]) -> StatusCode {
    let mut request = Request::builder().method(method).uri(path);
    for host in hosts {
        request = request.header("Host", *host);
    }
    let response = app.clone().call(request.body(Body::from("{}")).unwrap()).await.unwrap();
    response.status()
}

#[tokio::test]
async fn only_this_machine_s_own_names_are_answered() {
    let app = open(None, Faults::default());
    for (method, path) in [
        ("GET", "/ledger"),
        ("GET", "/faults"),
        ("PUT", "/faults"),
        ("GET", "/appointments?reference=apt_1"),
        ("DELETE", "/appointments/ext_1"),
    ] {
        for host in ["evil.example", "evil.example:9090", "127.0.0.1.evil.example", "10.0.0.1"] {
            let status = status_at(&app, method, path, &[host]).await;
            assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{method} {path} at {host}");
        }
        for hosts in [&["a@localhost"][..], &["localhost", "localhost"], &["b c"], &[]] {
            let status = status_at(&app, method, path, hosts).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{method} {path} at {hosts:?}");
        }
    }
    for host in ["localhost", "LOCALHOST.:9090", "mock.localhost", "127.0.0.1:9090", "[::1]:9090"] {
        assert_eq!(status_at(&app, "GET", "/ledger", &[host]).await, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_where_one_is_given() {
    let mock = MockScheduler::open(None, Faults::default()).unwrap();
    let app = router(Arc::new(mock.asking_for(Some("0123456789abcdef".to_owned()))));
    let status = async |token: Option<&str>| {
        let mut request =
            Request::builder().uri("/appointments?reference=apt_1").header("Host", "localhost");
        if let Some(token) = token {
            request = request.header("Authorization", token);
        }
        app.clone().call(request.body(Body::empty()).unwrap()).await.unwrap().status()
    };

    assert_eq!(status(Some("Bearer 0123456789abcdef")).await, StatusCode::OK);
    for wrong in [None, Some("Bearer 0123456789abcdeg"), Some("0123456789abcdef"), Some("Bearer ")]
    {
        assert_eq!(status(wrong).await, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
}
