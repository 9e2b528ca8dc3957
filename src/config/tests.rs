use super::*;

fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&|variable| {
        settings.iter().find(|(name, _)| *name == variable).map(|(_, value)| (*value).to_owned())
    })
}

fn wrong(settings: &[(&str, &str)]) -> Vec<&'static str> {
    read(settings)
        .err()
        .map(|error| error.0.iter().map(|error| error.variable).collect())
        .unwrap_or_default()
}

#[test]
fn nothing_set_is_a_server_on_loopback_with_demo_data() {
    let config = read(&[]).unwrap_or_else(|error| panic!("{error}"));
    assert!(config.seed_demo && config.bind.is_loopback() && config.port == 8080);
    assert_eq!(config.scheduler_ledger, PathBuf::from("clinic.db.scheduler.jsonl"));
}

#[test]
fn who_confirms_bookings_is_said_where_the_database_is_a_clinics() {
    let postgres = ("DATABASE_URL", "postgres://localhost/clinic");
    let read = |settings: &[(&str, &str)]| {
        read(settings).unwrap_or_else(|error| panic!("{error}")).scheduler
    };
    assert_eq!((read(&[]), read(&[postgres])), (Some(Scheduler::Mock), None));
    for (text, scheduler) in [
        ("mock", Scheduler::Mock),
        ("None", Scheduler::Nobody),
        ("https://a.example", Scheduler::At("https://a.example".to_owned())),
    ] {
        assert_eq!(read(&[postgres, ("SCHEDULER_URL", text)]), Some(scheduler));
    }
    assert_eq!(wrong(&[("SCHEDULER_URL", "a.example")]), ["SCHEDULER_URL"]);
}

#[test]
fn every_wrong_setting_is_named_at_once() {
    let settings =
        [("PORT", "http"), ("LOG_FORMAT", "xml"), ("MOCK_DROP_RATE", "2"), ("API_TOKEN", "short")];
    let mut variables = wrong(&settings);
    variables.sort_unstable();
    assert_eq!(variables, ["API_TOKEN", "LOG_FORMAT", "MOCK_DROP_RATE", "PORT"]);
}

#[test]
fn access_is_open_to_this_machine_alone_unless_somebody_has_written_otherwise() {
    let token = ("API_TOKEN", "0123456789abcdef");
    let access = |settings: &[(&str, &str)]| {
        let config = read(settings).unwrap_or_else(|error| panic!("{error}"));
        (config.access, config.access_warning.is_some())
    };
    assert_eq!(access(&[]), (Access::OpenHere, false));
    assert_eq!(access(&[("BIND", "::1")]), (Access::OpenHere, false));
    for closed in [
        &[token][..],
        &[("BIND", "0.0.0.0")],
        &[("PUBLIC_URL", "https://clinic.example")],
        &[("ACCESS", "closed")],
        &[("ACCESS", "closed"), token],
    ] {
        assert_eq!(access(closed), (Access::Closed, false), "{closed:?}");
    }
    assert_eq!(access(&[("ACCESS", "open")]), (Access::Open, false));
    for elsewhere in [("BIND", "0.0.0.0"), ("PUBLIC_URL", "https://clinic.example")] {
        assert_eq!(access(&[("ACCESS", "open"), elsewhere]), (Access::Open, true));
    }
    assert_eq!(wrong(&[("ACCESS", "open"), token]), ["ACCESS"]);
    assert_eq!(wrong(&[("ACCESS", "Open")]), ["ACCESS"]);
    let told = read(&[("ALLOW_ANONYMOUS", "true")]).err().unwrap().to_string();
    assert!(told.contains("ALLOW_ANONYMOUS") && told.contains("ACCESS=open"), "{told}");
}

#[test]
fn the_token_of_the_metrics_is_another_one() {
    let token = ("API_TOKEN", "0123456789abcdef");
    assert_eq!(wrong(&[token, ("METRICS_TOKEN", "0123456789abcdef")]), ["METRICS_TOKEN"]);
    assert_eq!(wrong(&[("METRICS_TOKEN", "short")]), ["METRICS_TOKEN"]);
    assert!(read(&[token, ("METRICS_TOKEN", "fedcba9876543210")]).is_ok());
}

#[test]
fn names_origins_and_networks_are_checked() {
    let good = [
        ("CORS_ORIGINS", "https://desk.example.com/, capacitor://localhost,"),
        ("HOSTS", "clinic.example.com, 192.0.2.1:8080, [2001:db8::1]"),
        ("PUBLIC_URL", "https://example.com/clinic/"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7, 2001:db8::/32"),
    ];
    let config = read(&good).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((config.cors_origins.len(), config.hosts.len()), (2, 3));
    for (variable, wrong_values) in [
        ("CORS_ORIGINS", ["null", "*", "desk.example.com", "https://a.example/x", "a://b, null"]),
        ("HOSTS", ["*", "https://clinic.example", "a b", "clinic.example/x", "::1"]),
        ("PUBLIC_URL", ["clinic.example", "ftp://a.example", "https://a?b", "/clinic", "null"]),
        ("TRUSTED_PROXIES", ["*", "10.0.0.0/33", "localhost", "10.0.0", "10.0.0.1:80"]),
    ] {
        for value in wrong_values {
            assert_eq!(wrong(&[(variable, value)]), [variable], "{value}");
        }
    }
}

#[test]
fn the_demo_is_not_loaded_into_postgresql_unless_asked() {
    let url = ("DATABASE_URL", "postgres://localhost/clinic");
    assert!(read(&[url]).is_ok_and(|config| !config.seed_demo));
    assert!(read(&[url, ("SEED_DEMO", "true")]).is_ok_and(|config| config.seed_demo));
}

#[test]
fn sqlite_has_fewer_connections_unless_asked_for_more() {
    let connections =
        |settings: &[(&str, &str)]| read(settings).map(|config| config.database_max_connections);
    assert_eq!(connections(&[]), Ok(8));
    assert_eq!(connections(&[("DATABASE_MAX_CONNECTIONS", "32")]), Ok(32));
    assert_eq!(connections(&[("DATABASE_URL", "postgres://localhost/clinic")]), Ok(16));
}

#[test]
fn no_more_may_connect_than_may_stay_unless_asked_for() {
    let connecting =
        |settings: &[(&str, &str)]| read(settings).map(|config| config.live_limits.connecting);
    assert_eq!(connecting(&[]), Ok(100));
    assert_eq!(connecting(&[("LIVE_MAX_CONNECTIONS", "10")]), Ok(10));
    let both = [("LIVE_MAX_CONNECTIONS", "10"), ("LIVE_MAX_CONNECTING", "20")];
    assert_eq!(connecting(&both), Ok(20));
    assert_eq!(wrong(&[("LIVE_MAX_CONNECTING", "many")]), ["LIVE_MAX_CONNECTING"]);
}

#[test]
fn every_variable_stands_in_the_example_file() {
    let example = include_str!("../../.env.example");
    let asked = std::cell::RefCell::new(Vec::new());
    let config = Config::read(&|variable| {
        asked.borrow_mut().push(variable.to_owned());
        None
    });
    assert!(config.is_ok());
    for variable in asked.borrow().iter() {
        assert!(example.contains(&format!("{variable}=")), "{variable} is not in .env.example");
    }
}

#[test]
fn the_patients_day_begins_before_it_ends() {
    assert!(read(&[("PATIENT_EARLIEST", "00:00"), ("PATIENT_LATEST", "24:00")]).is_ok());
    assert_eq!(wrong(&[("PATIENT_EARLIEST", "22:00")]), ["PATIENT_LATEST"]);
    assert_eq!(
        wrong(&[("PATIENT_EARLIEST", "7 am"), ("PATIENT_LATEST", "25:00")]),
        ["PATIENT_EARLIEST", "PATIENT_LATEST"]
    );
}

#[test]
fn a_setting_that_is_set_to_nothing_is_a_mistake_and_not_its_default() {
    let names = std::cell::RefCell::new(Vec::new());
    let config = Config::read(&|variable| {
        names.borrow_mut().push(variable.to_owned());
        None
    });
    assert!(config.is_ok());
    for name in names.borrow().iter() {
        for empty in ["", " ", "\t"] {
            assert_eq!(wrong(&[(name, empty)]), [name], "{name}={empty:?}");
        }
    }
    for name in ["HOSTS", "CORS_ORIGINS", "TRUSTED_PROXIES"] {
        assert_eq!(wrong(&[(name, " , ")]), [name]);
    }
}

#[test]
fn the_example_file_is_one_that_can_be_used() {
    let entries = env_file::read(include_str!("../../.env.example")).unwrap();
    let settings: Vec<_> = entries.iter().map(|entry| (entry.name, entry.value)).collect();
    assert!(settings.len() > 20);
    assert!(read(&settings).is_ok(), "{:?}", wrong(&settings));
}
