use super::*;
use crate::domain::EventPosition;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn mail(kind: MailKind) -> Mail {
    let slot = TimeSlot::new(at("2027-01-15T17:00:00Z"), at("2027-01-15T17:30:00Z")).unwrap();
    let now = at("2027-01-10T12:00:00Z");
    let appointment_id = AppointmentId::generate(now);
    Mail {
        id: MailId::generate(now),
        kind,
        subject: MailSubject::Event { appointment_id, position: EventPosition(7) },
        provider_id: ProviderId::generate(now),
        slot,
        previous_starts_at: None,
        at: now,
        status: MailStatus::Pending,
        outcome: None,
        attempts: 0,
        tried_since: None,
        next_attempt_at: Some(now),
        settled_at: None,
        recipient: None,
    }
}

#[test]
fn what_is_on_its_way_is_told_when_it_is_so_and_the_end_of_what_was_never_confirmed_never() {
    use AppointmentEventKind as Event;
    let told = |was_confirmed| {
        let each = Event::ALL.into_iter();
        each.filter(|&event| MailKind::telling(event, was_confirmed).is_some()).collect::<Vec<_>>()
    };
    let (begins, ends) = (
        [Event::Confirmed, Event::Rescheduled, Event::Reassigned],
        [Event::Failed, Event::Expired, Event::Cancelled],
    );
    assert!(told(false).iter().all(|event| begins.contains(event)));
    assert_eq!(told(true).len(), begins.len() + ends.len());
}

#[test]
fn what_is_put_off_is_tried_for_three_days_and_what_is_refused_never_again() {
    let now = at("2027-01-10T12:00:00Z");
    let put_off = mail(MailKind::Change).after(MailOutcome::PutOff, now, 0.5);
    assert_eq!((put_off.status, put_off.attempts), (MailStatus::Pending, 1));
    assert!(put_off.next_attempt_at.is_some_and(|next| next > now));
    let late = at("2027-01-13T12:00:00Z");
    let given_up = put_off.clone().after(MailOutcome::Unreachable, late, 0.5);
    assert_eq!((given_up.status, given_up.settled_at), (MailStatus::Failed, Some(late)));
    let refused = put_off.after(MailOutcome::Refused, now, 0.5);
    assert_eq!((refused.status, refused.next_attempt_at), (MailStatus::Failed, None));
    let again = refused.again(late);
    assert_eq!((again.status, again.attempts, again.outcome), (MailStatus::Pending, 0, None));
}

#[test]
fn a_visit_that_has_begun_is_not_told_of_but_that_it_was_cancelled_is_until_it_would_be_over() {
    let (before, during) = (at("2027-01-15T16:59:59Z"), at("2027-01-15T17:10:00Z"));
    for kind in [MailKind::Confirmation, MailKind::Change, MailKind::Reminder] {
        assert!(!mail(kind).is_too_late(before) && mail(kind).is_too_late(during), "{kind:?}");
    }
    let cancelled = mail(MailKind::Cancellation);
    assert!(!cancelled.is_too_late(during) && cancelled.is_too_late(at("2027-01-15T17:30:00Z")));
}
