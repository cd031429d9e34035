//! TLS with good and bad certificates, logins, sizes, and what is offered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kontor_tests::certificates::{Authority, Certificate};
use kontor_tests::sink::{Fault, Phase, Setup, SmtpSink};

use super::client::{Client, MESSAGE};

/// The error that a handshake with this certificate ends in.
fn refusal(setup: Setup, authority: &Authority, certificate: Certificate, name: &str) -> Option<String> {
    let sink = setup.certificate(certificate).start();
    let result = if sink.url().starts_with("smtps:") {
        Client::connect(sink.port()).encrypt(authority, name)
    } else {
        let (mut client, offers) = Client::greeted(sink.port());
        assert!(offers.contains("STARTTLS"), "{offers}");
        assert!(client.say("STARTTLS").starts_with("220 "));
        client.encrypt(authority, name)
    };
    result.err().map(|error| error.to_string())
}

#[test]
fn a_wrong_certificate_is_wrong_in_the_way_that_was_asked_for() {
    let authority = Authority::new();
    for setup in [SmtpSink::setup().tls(), SmtpSink::setup().starttls()] {
        let setup = setup.authority(&authority);
        let refusal = |certificate, name| refusal(setup.clone(), &authority, certificate, name);
        assert_eq!(refusal(Certificate::Valid, "localhost"), None);
        assert_eq!(refusal(Certificate::Valid, "127.0.0.1"), None);
        for (certificate, reason) in [
            (Certificate::OtherName, "not valid for name"),
            (Certificate::OtherAuthority, "BadSignature"),
            (Certificate::Expired, "expired"),
        ] {
            let error = refusal(certificate, "127.0.0.1").expect("it is refused");
            assert!(error.contains(reason), "{certificate:?}: {error}");
        }
    }
    let stranger = Authority::new();
    let setup = SmtpSink::setup().tls().authority(&authority);
    assert!(refusal(setup, &stranger, Certificate::Valid, "localhost").is_some(), "another authority is not trusted");
}

#[test]
fn mail_goes_over_tls_and_the_server_knows() {
    let authority = Authority::new();
    let sink = SmtpSink::setup().tls().authority(&authority).start();
    assert_eq!(sink.ca_file(), authority.ca_file());
    let pem = std::fs::read_to_string(sink.ca_file()).expect("the file is there");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    let mut client = Client::connect(sink.port()).encrypt(&authority, "localhost").expect("the certificate is good");
    assert!(client.hear().starts_with("220 "));
    assert!(!client.say("EHLO desk.example.com").contains("STARTTLS"));
    assert!(client.mail("b@example.com", MESSAGE).starts_with("250 "));
    assert!(client.say("QUIT").starts_with("221 "));
    assert_eq!(client.try_hear().expect("TLS ends in order"), "");
    assert!(sink.messages()[0].tls);
}

#[test]
fn starttls_can_be_asked_for_withheld_refused_and_broken() {
    let authority = Authority::new();
    let sink = SmtpSink::setup().starttls().tls_required().authority(&authority).start();
    let (mut client, offers) = Client::greeted(sink.port());
    assert!(offers.contains("STARTTLS"));
    assert!(client.mail("b@example.com", MESSAGE).starts_with("530 5.7.0"));
    assert!(client.say("STARTTLS").starts_with("220 "));
    let mut client = client.encrypt(&authority, "localhost").expect("the certificate is good");
    assert!(client.mail("b@example.com", MESSAGE).starts_with("503 "), "what was said in the open is forgotten");
    assert!(!client.say("EHLO desk.example.com").contains("STARTTLS"));
    assert!(client.mail("b@example.com", MESSAGE).starts_with("250 "));

    let plain = SmtpSink::start();
    let (mut client, offers) = Client::greeted(plain.port());
    assert!(!offers.contains("STARTTLS") && client.say("STARTTLS").starts_with("502 "));

    sink.fault_at(Phase::StartTls, Fault::Answer("454 4.7.0 TLS not available".into()));
    let (mut client, offers) = Client::greeted(sink.port());
    assert!(offers.contains("STARTTLS"));
    assert!(client.say("STARTTLS").starts_with("454 "));
    assert!(client.say("NOOP").starts_with("250 "), "the connection goes on");

    sink.fault_at(Phase::StartTls, Fault::ThenGarbage);
    let (mut client, _) = Client::greeted(sink.port());
    assert!(client.say("STARTTLS").starts_with("220 "));
    assert!(client.encrypt(&authority, "localhost").is_err(), "that was no handshake");
}

/// What AUTH with these words is answered, question by question.
fn login(client: &mut Client, words: &[&str]) -> String {
    let mut answer = client.say(&format!("AUTH {}", words[0]));
    for word in &words[1..] {
        assert!(answer.starts_with("334 "), "{answer}");
        answer = client.say(&STANDARD.encode(word));
    }
    answer
}

#[test]
fn a_login_is_asked_for_and_checked_in_both_ways() {
    let sink = SmtpSink::setup().login("office", "geheim").login_required().start();
    let plain = |password: &str| format!("PLAIN {}", STANDARD.encode(format!("\0office\0{password}")));
    let begun = format!("LOGIN {}", STANDARD.encode("office"));
    for good in [
        vec![plain("geheim").as_str()],
        vec!["PLAIN", "\0office\0geheim"],
        vec!["LOGIN", "office", "geheim"],
        vec![begun.as_str(), "geheim"],
    ] {
        let (mut client, offers) = Client::greeted(sink.port());
        assert!(offers.contains("AUTH PLAIN LOGIN"), "{offers}");
        assert!(client.mail("b@example.com", MESSAGE).starts_with("530 5.7.0"));
        assert!(login(&mut client, &good).starts_with("235 "), "{good:?}");
        assert!(client.mail("b@example.com", MESSAGE).starts_with("250 "));
        assert_eq!(sink.messages().last().and_then(|message| message.login.clone()).as_deref(), Some("office"));
        assert!(login(&mut client, &good[..1]).starts_with("503 "), "once is enough");
    }
    for (bad, code) in [
        (vec![plain("falsch").as_str()], "535 5.7.8"),
        (vec!["LOGIN", "office", ""], "535 5.7.8"),
        (vec!["LOGIN", "chef", "geheim"], "535 5.7.8"),
        (vec!["PLAIN AGEAYg=x"], "501 "),
        (vec!["CRAM-MD5"], "504 "),
    ] {
        let (mut client, _) = Client::greeted(sink.port());
        assert!(login(&mut client, &bad).starts_with(code), "{bad:?}");
        assert!(client.mail("b@example.com", MESSAGE).starts_with("530 "), "{bad:?}");
    }
    assert!(sink.log().contains("SASL LOGIN authentication failed"));
}

#[test]
fn a_login_is_not_offered_in_the_open_where_tls_is() {
    let sink = SmtpSink::setup().starttls().login("office", "geheim").start();
    let (mut client, offers) = Client::greeted(sink.port());
    assert!(!offers.contains("AUTH"), "{offers}");
    assert!(client.say("AUTH LOGIN").starts_with("502 "));
}

#[test]
fn size_and_extensions_are_those_that_were_asked_for() {
    let usual = SmtpSink::start();
    let (mut client, offers) = Client::greeted(usual.port());
    assert!(offers.contains("250-SIZE 26214400\r\n") && offers.contains("8BITMIME"), "{offers}");
    assert!(client.say("MAIL FROM:<a@example.com> SMTPUTF8").starts_with("555 "));
    assert!(client.say("MAIL FROM:<a@example.com> SIZE=26214401").starts_with("552 5.3.4"));
    assert!(client.say("MAIL FROM:<a@example.com> SIZE=26214400 BODY=8BITMIME").starts_with("250 "));

    let sink = SmtpSink::setup().size(Some(20)).offer("SMTPUTF8").offer("DSN").withhold("8BITMIME").start();
    let (mut client, offers) = Client::greeted(sink.port());
    assert!(offers.contains("SIZE 20\r\n") && offers.contains("SMTPUTF8") && !offers.contains("8BITMIME"), "{offers}");
    assert!(client.mail("b@example.com", MESSAGE).starts_with("552 5.3.4"), "it is counted, too");
    assert!(client.say("MAIL FROM:<a@example.com> BODY=8BITMIME").starts_with("555 "));
    assert!(client.say("MAIL FROM:<a@example.com> SIZE=20 SMTPUTF8 RET=HDRS").starts_with("250 "));
    assert!(client.say("RCPT TO:<b@example.com> NOTIFY=FAILURE").starts_with("250 "));
    assert!(client.say("DATA").starts_with("354 "));
    client.send(b"Subject: x\r\n\r\n.\r\n");
    assert!(client.hear().starts_with("250 "));
    assert_eq!(sink.messages()[0].parameters, ["SIZE=20", "SMTPUTF8", "RET=HDRS"]);

    let endless = SmtpSink::setup().size(None).start();
    let (mut client, offers) = Client::greeted(endless.port());
    assert!(!offers.contains("SIZE") && client.say("MAIL FROM:<a@example.com> SIZE=99999999999").starts_with("250 "));
}

#[test]
fn a_server_that_refuses_ehlo_may_take_helo() {
    let sink = SmtpSink::start();
    sink.fault_at(Phase::Ehlo, Fault::Answer("502 5.5.1 no such thing".into()));
    let (mut client, offers) = Client::greeted(sink.port());
    assert!(offers.starts_with("502 "));
    assert!(client.say("HELO desk.example.com").starts_with("250 "));
    assert!(client.mail("b@example.com", MESSAGE).starts_with("250 "));
}
