//! Every fault at every point of the conversation.

use std::time::{Duration, Instant};

use kontor_tests::sink::{Fault, Phase, SmtpSink};

use super::client::{Client, MESSAGE};

/// Goes through the whole conversation and returns the answer, or what was left of it, at this point.
fn answer_at(port: u16, phase: Phase) -> std::io::Result<String> {
    let lines = [
        (Phase::Ehlo, "EHLO desk.example.com"),
        (Phase::Helo, "HELO desk.example.com"),
        (Phase::Noop, "NOOP"),
        (Phase::Rset, "RSET"),
        (Phase::Mail, "MAIL FROM:<a@example.com>"),
        (Phase::Recipient, "RCPT TO:<b@example.com>"),
        (Phase::Data, "DATA"),
        (Phase::Dot, MESSAGE.trim_end()),
        (Phase::Quit, "QUIT"),
    ];
    let mut client = Client::connect(port);
    let mut answer = client.try_hear();
    let mut at = Phase::Greeting;
    for (next, line) in lines {
        if at == phase {
            break;
        }
        at = next;
        client.send(format!("{line}\r\n").as_bytes());
        answer = client.try_hear();
    }
    answer
}

const PHASES: [Phase; 10] = [
    Phase::Greeting,
    Phase::Ehlo,
    Phase::Helo,
    Phase::Noop,
    Phase::Rset,
    Phase::Mail,
    Phase::Recipient,
    Phase::Data,
    Phase::Dot,
    Phase::Quit,
];

#[test]
fn every_fault_happens_at_the_point_it_was_asked_for_and_nowhere_else() {
    for phase in PHASES {
        let sink = SmtpSink::start();
        let right = answer_at(sink.port(), phase).expect("nothing is wrong yet");
        assert!(right.starts_with(['2', '3']), "{phase:?}: {right}");
        let heard = |fault: Fault| {
            sink.fault_at(phase, fault);
            answer_at(sink.port(), phase)
        };
        let told = |fault: Fault| heard(fault).unwrap_or_else(|error| panic!("{phase:?}: {error}"));
        assert_eq!(told(Fault::Answer("451 4.3.0 later".into())), "451 4.3.0 later\r\n", "{phase:?}");
        assert_eq!(
            told(Fault::Answer("550-5.7.1 never\n550 5.7.1 ever".into())),
            "550-5.7.1 never\r\n550 5.7.1 ever\r\n"
        );
        assert_eq!(told(Fault::Cut), "", "{phase:?}");
        let reset = heard(Fault::Reset).expect_err("a reset is an error");
        assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset, "{phase:?}");
        let garbage = told(Fault::Garbage);
        assert!(!garbage.starts_with(['2', '3', '4', '5']), "{phase:?}: {garbage:?}");
        let same = |answer: String| answer.split(": queued as").next().map(str::to_owned);
        let pieces = Fault::Pieces(Duration::from_micros(50));
        assert_eq!(same(told(pieces)), same(right.clone()), "{phase:?}");
        assert_eq!(
            told(Fault::AnswerInPieces("452-4.2.2 full\n452 4.2.2 now".into(), Duration::from_micros(50))),
            "452-4.2.2 full\r\n452 4.2.2 now\r\n"
        );
        assert_eq!(same(told(Fault::ThenGarbage)), same(right.clone()), "{phase:?}");
        let started = Instant::now();
        assert_eq!(same(told(Fault::Slow(Duration::from_millis(30)))), same(right), "{phase:?}");
        assert!(started.elapsed() >= Duration::from_millis(30), "{phase:?}");
    }
}

#[test]
fn an_answer_in_pieces_comes_in_pieces() {
    let sink = SmtpSink::start();
    sink.fault_at(Phase::Ehlo, Fault::Pieces(Duration::from_millis(2)));
    let started = Instant::now();
    let (_, offers) = Client::greeted(sink.port());
    assert!(offers.lines().count() > 2, "{offers}");
    assert!(started.elapsed() >= Duration::from_millis(2) * u32::try_from(offers.len()).expect("a short text"));
}

#[test]
fn no_answer_comes_for_as_long_as_the_client_waits() {
    for phase in [Phase::Greeting, Phase::Mail, Phase::Dot] {
        let sink = SmtpSink::start();
        sink.fault_at(phase, Fault::Silent);
        let port = sink.port();
        let waiting = std::thread::spawn(move || answer_at(port, phase));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished(), "{phase:?}");
        assert_eq!(sink.kept(), usize::from(phase == Phase::Dot), "a message is kept before the server falls silent");
        drop(sink);
        assert_eq!(waiting.join().expect("the client does not panic").expect("the end is in order"), "");
    }
}

#[test]
fn after_421_the_connection_is_closed_and_after_other_answers_it_is_not() {
    let sink = SmtpSink::start();
    for (phase, line) in [(Phase::Mail, "MAIL FROM:<a@example.com>"), (Phase::Noop, "NOOP"), (Phase::Rset, "RSET")] {
        sink.fault_at(phase, Fault::Answer("450 4.3.0 not now".into()));
        let (mut client, _) = Client::greeted(sink.port());
        assert!(client.say(line).starts_with("450 "));
        sink.fault_at(phase, Fault::Answer("421 4.3.2 going down".into()));
        assert_eq!(client.say(line), "421 4.3.2 going down\r\n");
        assert_eq!(client.hear(), "");
    }
    sink.fault_at(Phase::Greeting, Fault::Answer("554 5.3.2 no".into()));
    let mut client = Client::connect(sink.port());
    assert_eq!((client.hear().as_str(), client.hear().as_str()), ("554 5.3.2 no\r\n", ""));
}

#[test]
fn a_fault_is_decided_by_connection_message_and_recipient() {
    let sink = SmtpSink::start();
    sink.fault(|moment| {
        let answer = match (moment.phase, moment.connection, moment.nth) {
            (Phase::Mail, _, 2) if moment.from == "rechnung+1@example.com" && moment.to.is_empty() => {
                "451 4.3.0 second"
            }
            (Phase::Recipient, _, 3) if moment.to == "c@example.com" => "550 5.1.1 third",
            (Phase::Dot, 2, 4) if moment.to == "d@example.com" => "452 4.2.2 fourth",
            _ => return None,
        };
        Some(Fault::Answer(answer.into()))
    });
    let (mut first, _) = Client::greeted(sink.port());
    assert!(first.mail("a@example.com", MESSAGE).starts_with("250 "));
    assert_eq!(first.mail("b@example.com", MESSAGE), "451 4.3.0 second\r\n");
    assert_eq!(first.mail("c@example.com", MESSAGE), "550 5.1.1 third\r\n");
    let (mut second, _) = Client::greeted(sink.port());
    assert_eq!(second.mail("d@example.com", MESSAGE), "452 4.2.2 fourth\r\n");
    assert!(second.mail("d@example.com", MESSAGE).starts_with("250 "));
    assert_eq!(sink.kept(), 2);
}
