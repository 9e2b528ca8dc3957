//! `clinic outbox`: what is not settled, and having it tried at once.

use jiff::SignedDuration;

use crate::support::{book_in_vain, clinic, on_both_engines, stubbed};

on_both_engines! {
    async fn what_is_not_settled_is_listed_without_names_and_released(engine) {
        let (stub, app) = stubbed(engine).await;
        let settings = [("DATABASE_URL", app.database.url.as_str())];
        let folder = app.database.folder.path();
        let none = clinic(folder, &settings, &["outbox"]).await;
        assert_eq!((none.code, none.out.as_str()), (Some(0), "0 appointments are not settled\n"));
        stub.always(Some(500));
        let [booked, cancelled] = ["2027-01-11T14:00:00Z", "2027-01-11T15:00:00Z"];
        let booked = book_in_vain(&app, 1, booked).await;
        let cancelled = book_in_vain(&app, 2, cancelled).await;
        assert_eq!(app.cancel(&cancelled).await.status, 202);
        let far = "UPDATE outbox SET due_at = '2027-02-01T00:00:00+00:00', failing = (1 = 1)";
        app.database.execute(far).await.unwrap();

        let listed = clinic(folder, &settings, &["outbox", "list"]).await;
        assert_eq!(listed.code, Some(0), "{}", listed.err);
        for words in [
            format!("{booked}  PENDING  to book  2 attempts  since 2027-01-11T12:00:00Z  next try 2027-02-01T00:00:00Z  last: "),
            format!("{cancelled}  CANCELLING  to ask what was booked  "),
            "is unknown: status 500\n".to_owned(),
            "\n2 appointments are not settled\n".to_owned(),
        ] {
            assert!(listed.out.contains(&words), "{words}\n{}", listed.out);
        }
        assert!(!listed.out.contains("Patient") && !listed.out.contains("Jane"), "{}", listed.out);

        stub.always(None);
        let released = clinic(folder, &settings, &["outbox", "release", &booked]).await;
        assert_eq!(released.out, format!("{booked} is tried at once\n"), "{}", released.err);
        // By the machine's clock, which is another than the one of this server.
        let now = "UPDATE outbox SET due_at = created_at WHERE due_at < '2027-02-01T00:00:00+00:00'";
        app.database.execute(now).await.unwrap();
        app.settling.settle_due().await.unwrap();
        app.wait_for(&booked, "CONFIRMED").await;
        assert_eq!(app.status_of(&cancelled).await, "CANCELLING");
        let again = clinic(folder, &settings, &["outbox", "release", &booked]).await;
        assert_eq!(again.code, Some(1));
        assert!(again.err.contains("is not there, or it is settled"), "{}", again.err);
        let all = clinic(folder, &settings, &["outbox", "release", "--all"]).await;
        assert_eq!(all.out, "1 appointments are tried at once\n", "{}", all.err);
        let neither = clinic(folder, &settings, &["outbox", "release"]).await;
        assert_eq!(neither.code, Some(2), "what is to be released has to be said");
        app.clock.advance(SignedDuration::from_mins(5));
        app.let_time_settle().await;
        assert_eq!(app.status_of(&cancelled).await, "CANCELLED");
    }
}
