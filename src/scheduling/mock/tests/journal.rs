use super::*;

#[tokio::test]
async fn two_mocks_on_one_journal_see_each_others_bookings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let (one, two) = (open(Some(&path), Faults::default()), open(Some(&path), Faults::default()));

    let booked = post(&one, "1", &at("apt_1", "2027-01-15T08:00:00Z")).await;
    let same_key = post(&two, "1", &at("apt_1", "2027-01-15T08:00:00Z")).await;
    let same_time = post(&two, "2", &at("apt_2", "2027-01-15T08:00:00Z")).await;
    post(&two, "3", &at("apt_3", "2027-01-15T09:00:00Z")).await;

    assert_eq!(same_key, booked);
    assert_eq!(same_time.0, StatusCode::CONFLICT);
    let three = open(Some(&path), Faults::default());
    assert_eq!(get(&three, "/ledger").await.as_array().unwrap().len(), 2);
    assert_eq!(get(&three, "/ledger").await, get(&one, "/ledger").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_mocks_on_one_journal_give_a_time_to_one_of_many() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let mocks = [open(Some(&path), Faults::default()), open(Some(&path), Faults::default())];
    let requests = (0..64).map(|n| {
        let app = mocks[n % 2].clone();
        let visit = at(&format!("apt_{n}"), "2027-01-15T08:00:00Z");
        tokio::spawn(async move { post(&app, &n.to_string(), &visit).await.0 })
    });
    let requests: Vec<_> = requests.collect();

    let mut booked = 0;
    for request in requests {
        booked += usize::from(request.await.unwrap() == StatusCode::CREATED);
    }

    assert_eq!(booked, 1);
    assert_eq!(get(&mocks[0], "/ledger").await, get(&mocks[1], "/ledger").await);
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_and_a_broken_whole_line_is_not_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let before = open(Some(&path), Faults::default());
    let booked = post(&before, "1", &at("apt_1", "2027-01-15T08:00:00Z")).await;
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&whole[..], br#"{"key":"2","repl"#].concat()).unwrap();

    let after = open(Some(&path), Faults::default());
    assert_eq!(post(&after, "1", &at("apt_1", "2027-01-15T08:00:00Z")).await, booked);
    let next = post(&after, "2", &at("apt_2", "2027-01-15T09:00:00Z")).await;
    assert_eq!(next.0, StatusCode::CREATED);
    let rows = get(&before, "/ledger").await;
    assert_eq!(rows.as_array().unwrap().len(), 2, "the torn line is gone for those who ran on");

    std::fs::write(&path, "not a ledger\n").unwrap();
    let broken = MockScheduler::open(Some(&path), Faults::default());
    assert!(matches!(broken.err(), Some(MockOpenError::Ledger(_))));
}
