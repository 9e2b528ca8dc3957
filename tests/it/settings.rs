//! Where settings come from, and what is no setting: a secret that is not understood opens nothing.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::support::{Ended, clinic, clinic_with};

const TOKEN: &str = "a$token#with=all\\of 'it'";

/// What the server says that is to be started, which listens nowhere as that address is nobody's.
async fn started(folder: &Path, settings: &[(&str, &str)]) -> Ended {
    clinic(folder, &[settings, &[("BIND", "192.0.2.1")]].concat(), &["serve"]).await
}

fn assert_refused(ended: &Ended, told: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains(told), "{told}: {ended:?}");
}

fn assert_understood(ended: &Ended) {
    assert!(ended.err.contains("cannot listen on 192.0.2.1"), "{ended:?}");
}

#[tokio::test]
async fn a_token_that_is_set_to_nothing_does_not_open_the_server() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "API_TOKEN=0123456789abcdef\n").unwrap();
    assert_understood(&started(folder.path(), &[]).await);
    assert_refused(
        &started(folder.path(), &[("API_TOKEN", "")]).await,
        "API_TOKEN: is set to nothing",
    );
    fs::write(folder.path().join(".env"), "API_TOKEN=\n").unwrap();
    assert_refused(&started(folder.path(), &[]).await, "API_TOKEN: is set to nothing");
}

#[tokio::test]
async fn what_is_not_text_is_refused_and_not_left_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "API_TOKEN=0123456789abcdef\n").unwrap();
    let bytes = OsStr::from_bytes(b"0123456789abcdef\xff");
    let ended = clinic_with(folder.path(), "API_TOKEN", bytes, &["serve"]).await;
    assert_refused(&ended, "API_TOKEN: must be text in UTF-8");
    fs::write(folder.path().join(".env"), b"API_TOKEN=0123456789abcdef\xff\n").unwrap();
    assert_refused(&started(folder.path(), &[]).await, ".env: is not text in UTF-8");
}

#[tokio::test]
async fn the_file_is_that_of_the_working_directory_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    fs::write(folder.path().join(".env"), "PORT=none\n").unwrap();
    assert_refused(&started(folder.path(), &[]).await, "PORT: must be a port number");
    let ended = started(&below, &[("ACCESS", "open")]).await;
    assert_understood(&ended);
    // What is there and can't be read may hold the token.
    fs::create_dir(below.join(".env")).unwrap();
    assert_refused(&started(&below, &[]).await, ".env: can't be read");
}

#[tokio::test]
async fn nothing_in_the_file_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for line in
        ["METRICS_TOKEN=0123$HOME_${PATH}cdef\\n", "METRICS_TOKEN=\"0123$HOME_${PATH}cdef\\n\" # x"]
    {
        // Named as equal to what stands in the environment, and so read the same.
        fs::write(folder.path().join(".env"), line).unwrap();
        let token = ("API_TOKEN", "0123$HOME_${PATH}cdef\\n");
        assert_refused(
            &started(folder.path(), &[token]).await,
            "METRICS_TOKEN: must be another than API_TOKEN",
        );
    }
    fs::write(folder.path().join(".env"), format!("PORT=1\nAPI_TOKEN=\"{TOKEN}")).unwrap();
    let ended = started(folder.path(), &[]).await;
    assert_refused(&ended, ".env: line 2 has no second quote");
    assert!(!ended.err.contains("token#with"), "{ended:?}");
}

#[tokio::test]
async fn a_variable_that_looks_like_a_misspelt_setting_is_named_whatever_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "DATABSE_URL=sqlite::memory:\n").unwrap();
    let settings = [
        ("API_TOKN", "0123456789abcdef"),
        ("ACCESS", "open"),
        ("RUST_LOG", "error"),
        ("NPM_TOKEN", "x"),
    ];
    let ended = started(folder.path(), &settings).await;
    for told in
        ["API_TOKN is set, and is no setting: is API_TOKEN meant?", "is DATABASE_URL meant?"]
    {
        assert!(ended.err.contains(told), "{told}: {ended:?}");
    }
    assert!(
        !ended.err.contains("NPM_TOKEN") && !ended.err.contains("0123456789abcdef"),
        "{ended:?}"
    );
}
