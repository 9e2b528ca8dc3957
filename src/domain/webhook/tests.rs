use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_address_that_leads_inside_is_none_of_the_internets() {
    let inside = "0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
        172.31.255.255 192.0.0.1 192.0.2.7 192.31.196.1 192.52.193.1 192.88.99.1 192.168.1.1 192.175.48.1 198.18.0.1
        198.19.255.255 198.51.100.1 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
        :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:2::1
        2001:10::1 2001:db8::1 2002:7f00:1:: 2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1
        ff02::1";
    for text in inside.split_whitespace() {
        assert!(!is_global_unicast(text.parse().unwrap()), "{text}");
    }
    let outside = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0
        192.0.1.1 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700:4700::1111 2001:4860:4860::8888 2a00::1
        2001:200::1 2003::1";
    for text in outside.split_whitespace() {
        assert!(is_global_unicast(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn a_pause_is_a_second_and_doubles_to_four_hours_at_most() {
    let longest = |attempts| pause_after(attempts, 1.0).as_secs();
    assert_eq!([1, 2, 3, 4, 14, 15, 16, 400].map(longest), [1, 2, 4, 8, 8192, 14400, 14400, 14400]);
    assert_eq!(pause_after(3, 0.0), SignedDuration::from_secs(2));
}

#[test]
fn a_signature_is_that_of_the_specification() {
    // The example of the specification's own libraries.
    let secret = STANDARD_EXAMPLE;
    let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, secret).unwrap();
    let mut bits = [0; 32];
    bits[..key.len()].copy_from_slice(&key);
    let secret = WebhookSecret::of(bits);
    // A key that HMAC fills up with zeros to its block is the same with them.
    let secrets = alone(secret.clone());
    let signed = secrets.signature(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        Timestamp::from_second(1_614_265_330).unwrap(),
        r#"{"test": 2432232314}"#,
    );
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(WebhookSecret::parse(&secret.reveal()), Some(secret));
}

const STANDARD_EXAMPLE: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn the_secret_of_before_signs_as_well_until_it_counts_no_more() {
    let [current, previous] = [WebhookSecret::of([1; 32]), WebhookSecret::of([2; 32])];
    let until = at("2026-12-02T10:00:00Z");
    let begun = at("2026-12-01T10:00:00Z");
    let both = alone(previous).rotated(current.clone(), begun, until);
    let alone = alone(current);
    let sign = |secrets: &EndpointSecrets, now| secrets.signature("evt_1", at(now), "{}");
    let before = sign(&both, "2026-12-02T09:59:59Z");
    assert_eq!(before.split(' ').count(), 2);
    assert_eq!(before.split(' ').next(), Some(&*sign(&alone, "2026-12-02T09:59:59Z")));
    assert_eq!(sign(&both, "2026-12-02T10:00:00Z"), sign(&alone, "2026-12-02T10:00:00Z"));
    // One that was never told does not end the one that everybody has.
    let again = both.rotated(WebhookSecret::of([3; 32]), begun, until);
    let third = sign(&again, "2026-12-02T09:59:59Z");
    assert_eq!(third.split(' ').count(), 3);
    assert!(before.split(' ').all(|signature| third.contains(signature)));
}

fn alone(current: WebhookSecret) -> EndpointSecrets {
    EndpointSecrets { current, previous: Vec::new(), previous_until: None }
}

fn pending() -> WebhookDelivery {
    let now = at("2026-12-01T15:00:00Z");
    WebhookDelivery {
        id: WebhookDeliveryId::NOBODY,
        endpoint_id: WebhookEndpointId::NOBODY,
        position: Some(EventPosition(7)),
        kind: Some(AppointmentEventKind::Confirmed),
        at: now,
        status: DeliveryStatus::Pending,
        outcome: None,
        response_status: None,
        attempts: 0,
        tried_since: None,
        next_attempt_at: Some(now),
    }
}

#[test]
fn what_fails_is_tried_for_three_days_and_then_given_up() {
    let failed = Attempted { outcome: WebhookOutcome::Refused, response_status: Some(500) };
    let (mut delivery, begun) = (pending(), at("2026-12-01T15:00:00Z"));
    while let Some(next) = delivery.next_attempt_at {
        delivery = delivery.after(failed, next, 1.0);
    }
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    assert_eq!((delivery.outcome, delivery.response_status), (Some(failed.outcome), Some(500)));
    assert_eq!(delivery.tried_since, Some(begun));
    // 14 pauses that double, to 16,383 s together, then one of four hours after the other.
    assert_eq!(delivery.attempts, 14 + 1 + (259_200 - 16_383) / 14_400);
    let accepted = Attempted { outcome: WebhookOutcome::Accepted, response_status: Some(204) };
    let delivered = pending().after(accepted, begun, 0.5);
    assert_eq!((delivered.status, delivered.next_attempt_at), (DeliveryStatus::Delivered, None));
    let trial = WebhookDelivery { position: None, kind: None, ..pending() };
    assert_eq!(trial.after(failed, begun, 0.5).status, DeliveryStatus::Failed);
}
