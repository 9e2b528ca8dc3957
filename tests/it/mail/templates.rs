//! Templates of the clinic's own, and settings of mail.

use std::fs;

use super::*;
use crate::support::on_both_engines;

/// What the settings are refused for.
fn refusal(settings: &[(&str, &str)]) -> String {
    let source = |name: &str| {
        let found = settings.iter().find(|(setting, _)| *setting == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    match clinic::config::Config::read(&source) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn a_template_with_a_mistake_is_found_at_the_start_with_its_line() {
    let cases = [
        (
            "confirmation.txt",
            "Subject: Hello\n\nDear {{ patient.nmae }}",
            "confirmation.txt, line 3",
        ),
        ("confirmation.txt", "Subject: Hello\n\n{% if visit %}", "confirmation.txt, line 3"),
        ("change.html", "<p>\n{{ nobody }}", "change.html, line 2"),
        ("offer.html", "{% extends \"elsewhere.html\" %}", "offer.html, line 1"),
        ("reminder.txt", "Hello", "reminder.txt, line 1: must be \"Subject: …\""),
        ("reminder.txt", "Subject: soon\nHello", "reminder.txt, line 1: must be \"Subject: …\""),
        (
            "cancellation.txt",
            "Subject: {{ patient.name }}\n\nHello",
            "cancellation.txt, line 1: must not say who the patient is",
        ),
        (
            "cancellation.txt",
            "Subject: {{ patient.name | upper }}\n\nHello",
            "cancellation.txt, line 1: must not say who the patient is",
        ),
        (
            "reminder.txt",
            "Subject: Soon\n\n{% if lead_minutes > 9000 %}{{ patient.nmae }}{% endif %}",
            "reminder.txt, line 3: undefined value: there is no patient.nmae",
        ),
        (
            "change.txt",
            "Subject: New\n\n{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}",
            "change.txt, line 3",
        ),
        ("confirmed.txt", "Subject: Hello\n\nHello", "confirmed.txt is the name of no template"),
    ];
    for (name, text, expected) in cases {
        let folder = folder(&[(name, text)]);
        let said = refusal(&[("TEMPLATES_DIR", folder.path().to_str().unwrap())]);
        assert!(said.contains("TEMPLATES_DIR") && said.contains(expected), "{name}: {said}");
    }
    assert!(refusal(&[("TEMPLATES_DIR", "/nowhere/at/all")]).contains("cannot read"));
    assert_eq!(refusal(&[]), "");
    // As editors save them, and as people write them.
    let good = folder(&[
        ("confirmation.txt", "\u{feff}Subject: Hello\n\nHello"),
        ("change.txt", "Subject: {% if contact %}Hello{% else %}Dear{% endif %}\n\nHello"),
    ]);
    assert_eq!(refusal(&[("TEMPLATES_DIR", good.path().to_str().unwrap())]), "");
}

#[test]
fn settings_of_mail_that_lead_to_nothing_are_refused() {
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("SMTP_URL", "smtp://mail.example")], "MAIL_FROM: must be set where SMTP_URL is"),
        (
            &[("SMTP_URL", "mail.example"), ("MAIL_FROM", "a@clinic.example")],
            "SMTP_URL: must be smtp://host:port",
        ),
        (&[("MAIL_FROM", "nobody")], "MAIL_FROM: must be an address"),
        (&[("MAIL_FROM", "d\u{f6}rte@clinic.example")], "MAIL_FROM: must be ASCII before the @"),
        (&[("REMINDERS", "soon")], "REMINDERS: must be none, or"),
        (
            &[
                ("SMTP_URL", "smtps://u:secret@mail.example"),
                ("MAIL_FROM", "a@clinic.example"),
                ("ACCESS", "token"),
                ("API_TOKEN", "0123456789abcdef"),
            ],
            "PUBLIC_URL: must be set where SMTP_URL is and access is closed",
        ),
        (&[("SMTP_URL", "smtps://u:secret@mail.example/x")], "SMTP_URL"),
    ];
    for (settings, expected) in cases {
        let said = refusal(settings);
        assert!(said.contains(expected), "{settings:?}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

on_both_engines! {
    async fn a_clinic_says_it_in_its_own_words(engine) {
        let own = folder(&[("confirmation.txt", "Subject: See you on {{ visit.when.date }}\n\nDear {{ patient.name }} <&>, {{ visit.minutes }} minutes.")]);
        let app = TestApp::builder(engine).setting("TEMPLATES_DIR", own.path().to_str().unwrap()).spawn().await;
        book(&app, 1, TEN).await;
        let all = become_so(&app, &[("CONFIRMATION", "KEPT", None)]).await;
        let content = &all[0]["content"];
        assert_eq!(content["subject"], "See you on Monday, January 11, 2027");
        let text = content["text"].as_str().unwrap();
        assert!(text.ends_with(" <&>, 30 minutes.\n"), "{text}");
        // The others are ours.
        assert!(content["html"].as_str().unwrap().contains("Your visit is confirmed"), "{content}");
    }
}
