//! `clinic person` and `clinic token`, beside a server where access is closed.

use std::process::Stdio;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::support::{
    AUDIT_KEY, Ended, Engine, PASSWORD, TestApp, bounded, clinic, on_both_engines,
};

/// A closed server by the machine's clock, as commands run by no other.
async fn closed_now(engine: Engine) -> TestApp {
    let builder = TestApp::builder(engine).setting("ACCESS", "closed");
    builder.by_a_machines_clock(SignedDuration::ZERO).spawn().await
}

/// What a server says until it is served, and that is nobody's to come in to.
async fn said_at_start(app: &TestApp) -> String {
    let mut server = Command::new(env!("CARGO_BIN_EXE_clinic"))
        .current_dir(app.database.folder.path())
        .env_clear()
        .envs([
            ("DATABASE_URL", app.database.url.as_str()),
            ("SCHEDULER_URL", "none"),
            ("AUDIT_KEY", AUDIT_KEY),
        ])
        .envs([("ACCESS", "closed"), ("PORT", "0"), ("SEED_DEMO", "false"), ("RUST_LOG", "error")])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut said = String::new();
    while let Some(line) = bounded(lines.next_line()).await.unwrap() {
        said.extend([line.as_str(), "\n"]);
        if line.contains("clinic person add")
            || line.contains("Scheduler ") && !said.contains("closed")
        {
            break;
        }
    }
    said
}

on_both_engines! {
    async fn the_first_administrator_is_made_by_the_command_that_is_told(engine) {
        let app = closed_now(engine).await;
        let said = said_at_start(&app).await;
        let told = said.lines().find(|line| line.contains("clinic person add")).unwrap().trim().to_owned();
        assert_eq!(told, "clinic person add --role admin --name 'Your Name' --email you@example.com", "{said}");
        let run = async |arguments: &[&str]| -> Ended {
            let url = app.database.url.as_str();
            let settings = [("DATABASE_URL", url), ("PUBLIC_URL", "https://clinic.example"), ("AUDIT_KEY", AUDIT_KEY)];
            clinic(app.database.folder.path(), &settings, arguments).await
        };
        let added = run(&["person", "add", "--role", "admin", "--name", "Your Name", "--email", "you@example.com"]).await;
        assert_eq!(added.code, Some(0), "{added:?}");
        assert!(added.out.contains("https://clinic.example/sign-in/password"), "{added:?}");
        let invitation = added.out.lines().map(str::trim).find(|line| line.starts_with("cli_")).unwrap();
        app.accept(invitation).await;
        let signed_in = app.try_to_sign_in("you@example.com", PASSWORD).await;
        assert_eq!((signed_in.status.as_u16(), &signed_in.json()["role"]), (200, &json!("ADMIN")));

        let again = run(&["person", "add", "--role", "viewer", "--name", "X", "--email", "YOU@example.com"]).await;
        assert_eq!((again.code, again.err.contains("has this e-mail address already")), (Some(1), true), "{again:?}");
        let last = run(&["person", "disable", "you@example.com"]).await;
        assert_eq!((last.code, last.err.contains("last administrator")), (Some(1), true), "{last:?}");
        let unbound = run(&["person", "add", "--role", "clinician", "--name", "X", "--email", "x@example.com"]).await;
        assert_eq!((unbound.code, unbound.err.contains("--provider")), (Some(1), true), "{unbound:?}");
        run(&["person", "add", "--role", "viewer", "--name", "Vic", "--email", "vic@example.com"]).await;
        let invited = run(&["person", "invite", "vic@example.com"]).await;
        assert!(invited.out.contains("cli_"), "{invited:?}");
        assert_eq!(run(&["person", "disable", "Vic@example.com"]).await.code, Some(0));
        let listed = run(&["person", "list"]).await.out;
        for told in ["ADMIN  active  Your Name <you@example.com>", "VIEWER  disabled at"] {
            assert!(listed.contains(told), "{told}: {listed}");
        }
        assert!(!listed.contains("cli_"));
        let nobody = run(&["person", "invite", "nobody@example.com"]).await;
        assert_eq!((nobody.code, nobody.err.contains("There is no person")), (Some(1), true), "{nobody:?}");
    }
}

on_both_engines! {
    async fn a_token_is_made_listed_and_revoked_at_the_terminal(engine) {
        let app = closed_now(engine).await;
        let run = async |arguments: &[&str]| -> Ended {
            let settings = [("DATABASE_URL", app.database.url.as_str()), ("AUDIT_KEY", AUDIT_KEY)];
            clinic(app.database.folder.path(), &settings, arguments).await
        };
        let made = run(&["token", "create", "--name", "export", "--role", "SCHEDULER", "--expires", "2099-12-31T00:00:00Z"]).await;
        let secret = made.out.lines().map(str::trim).find(|line| line.starts_with("clt_")).unwrap().to_owned();
        let opens = async || {
            let request = app.request(Method::GET, "/patients").bearer_auth(&secret);
            TestApp::send(request).await.status.as_u16()
        };
        assert_eq!(opens().await, 200);
        let listed = run(&["token", "list"]).await.out;
        assert!(listed.contains("SCHEDULER  live until 2099-12-31T00:00:00Z") && !listed.contains("clt_"), "{listed}");
        let id = listed.split_whitespace().next().unwrap();
        let revoked = run(&["token", "revoke", id]).await;
        assert!(revoked.out.contains("revoked at"), "{revoked:?}");
        assert_eq!(opens().await, 401);
        let late = run(&["token", "create", "--name", "x", "--role", "viewer", "--expires", "2020-01-01T00:00:00Z"]).await;
        assert_eq!((late.code, late.err.contains("--expires must be in the future")), (Some(1), true), "{late:?}");
    }
}
