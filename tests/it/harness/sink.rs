//! The mail server keeps what was sent and misbehaves as asked. The client here is a plain socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use kontor_tests::sink::{Behaviour, SmtpSink};

const MESSAGE: &str = "Subject: Rechnung\r\nMessage-ID:\r\n <1@example.com>\r\n\r\nGuten Tag,\r\n..ein Punkt\r\n.\r\n";

/// Speaks the lines one by one and returns everything that was answered, until the server closes.
fn speak(sink: &SmtpSink, to: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", sink.port())).expect("the sink listens");
    let mut heard = answer(&mut stream);
    let recipient = format!("RCPT TO:<{to}>\r\n");
    let lines =
        ["EHLO desk.example.com\r\n", "MAIL FROM:<a@example.com>\r\n", &recipient, "DATA\r\n", MESSAGE, "QUIT\r\n"];
    for line in lines {
        if line == MESSAGE && !heard.trim_end().lines().last().is_some_and(|last| last.starts_with("354")) {
            continue;
        }
        if stream.write_all(line.as_bytes()).is_err() {
            break;
        }
        let said = answer(&mut stream);
        if said.is_empty() {
            break;
        }
        heard.push_str(&said);
    }
    heard
}

fn answer(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 1024];
    let count = stream.read(&mut buffer).unwrap_or(0);
    String::from_utf8_lossy(&buffer[..count]).into_owned()
}

#[test]
fn a_message_is_kept_as_it_was_sent() {
    let sink = SmtpSink::start();
    let heard = speak(&sink, "b@example.com");
    assert!(heard.contains("250 2.0.0 kept") && heard.contains("221"), "{heard}");
    let messages = sink.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].from, "a@example.com");
    assert_eq!(messages[0].to, ["b@example.com"]);
    assert_eq!(messages[0].message_id.as_deref(), Some("<1@example.com>"));
    assert!(messages[0].data.ends_with(b"Guten Tag,\r\n.ein Punkt\r\n"));
}

#[test]
fn each_message_is_treated_as_asked() {
    let sink = SmtpSink::start();
    sink.behave(|envelope| match envelope.to.split('@').next() {
        Some("recipient") => Behaviour::AnswerRecipient("550 5.1.1 unknown".into()),
        Some("data") => Behaviour::AnswerData("451 4.3.0 later".into()),
        Some("message") => Behaviour::AnswerMessage("452 4.2.2 full".into()),
        Some("before") => Behaviour::DropBeforeData,
        Some("within") => Behaviour::DropWithinData,
        Some("after") => Behaviour::DropAfterDot,
        _ => Behaviour::Accept,
    });
    let said = |name: &str| speak(&sink, &format!("{name}@example.com"));
    assert!(said("recipient").contains("550 5.1.1 unknown"));
    assert!(said("data").contains("451 4.3.0 later"));
    assert!(said("message").contains("452 4.2.2 full"));
    assert!(!said("before").contains("354"));
    assert!(said("within").trim_end().ends_with("354 end with a dot"));
    assert!(sink.messages().is_empty(), "none of these was taken");
    assert!(said("after").trim_end().ends_with("354 end with a dot"));
    assert!(said("fine").contains("250 2.0.0 kept"));
    let kept: Vec<_> = sink.messages().into_iter().flat_map(|message| message.to).collect();
    assert_eq!(kept, ["after@example.com", "fine@example.com"]);
    assert_eq!(sink.transactions(), 7);
}

#[test]
fn an_answer_can_take_its_time() {
    let sink = SmtpSink::start();
    sink.behave(
        |envelope| if envelope.nth == 1 { Behaviour::Delay(Duration::from_millis(300)) } else { Behaviour::Accept },
    );
    let started = Instant::now();
    assert!(speak(&sink, "b@example.com").contains("250 2.0.0 kept"));
    assert!(started.elapsed() >= Duration::from_millis(300));
}
