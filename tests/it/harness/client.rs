//! A mail client of a few lines: says one thing, hears the answer. Plain, or encrypted with rustls.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kontor_tests::certificates::Authority;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

const PATIENCE: Duration = Duration::from_secs(30);

/// A message with a folded header and a line that begins with a dot.
pub const MESSAGE: &str =
    "Subject: Rechnung\r\nMessage-ID:\r\n <1@example.com>\r\n\r\nGuten Tag,\r\n..ein Punkt\r\n.\r\n";

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

pub struct Client {
    stream: BufReader<Box<dyn Stream>>,
    socket: TcpStream,
}

impl Client {
    /// Connects; the greeting is yet to be heard.
    pub fn connect(port: u16) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        let stream: Box<dyn Stream> = Box::new(socket.try_clone().expect("a socket can be shared"));
        Self { stream: BufReader::new(stream), socket }
    }

    /// Connects, hears the greeting and says EHLO; returns the answer to it too.
    pub fn greeted(port: u16) -> (Self, String) {
        let mut client = Self::connect(port);
        assert!(client.hear().starts_with("220 "), "the server greets");
        let offers = client.say("EHLO desk.example.com");
        (client, offers)
    }

    /// Shakes hands with a server that claims to be `name`, trusting this authority and no other.
    pub fn encrypt(self, authority: &Authority, name: &str) -> io::Result<Self> {
        let Self { mut socket, .. } = self;
        let name = ServerName::try_from(name.to_owned()).expect("a name of a host");
        let mut connection = ClientConnection::new(authority.client_config(), name).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut socket)?;
        }
        let stream: Box<dyn Stream> = Box::new(StreamOwned::new(connection, socket.try_clone()?));
        Ok(Self { stream: BufReader::new(stream), socket })
    }

    /// Says a line and hears the answer.
    pub fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes());
        self.hear()
    }

    /// Sends bytes; a server that has hung up is noticed when it is listened to.
    pub fn send(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    }

    /// Hears one answer of one or several lines; nothing if the connection breaks. To hear nothing and still be
    /// connected fails the test.
    pub fn hear(&mut self) -> String {
        self.try_hear().unwrap_or_else(|error| {
            let waits = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
            assert!(!waits, "the server does not answer");
            String::new()
        })
    }

    /// The same, with the error if the connection broke; what there was, if it ended in order.
    pub fn try_hear(&mut self) -> io::Result<String> {
        let mut answer = Vec::new();
        loop {
            let start = answer.len();
            let count = self.stream.read_until(b'\n', &mut answer)?;
            if count == 0 || answer.get(start + 3) != Some(&b'-') {
                return Ok(String::from_utf8_lossy(&answer).into_owned());
            }
        }
    }

    /// One message, as far as the server goes along; returns the last answer.
    pub fn mail(&mut self, to: &str, message: &str) -> String {
        for line in ["MAIL FROM:<rechnung+1@example.com>".to_owned(), format!("RCPT TO:<{to}>"), "DATA".to_owned()] {
            let answer = self.say(&line);
            if !answer.starts_with(['2', '3']) {
                return answer;
            }
        }
        self.send(message.as_bytes());
        self.hear()
    }

    /// Goes without a word.
    pub fn leave(self) {
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
    }
}

/// A small message with this Message-ID.
pub fn message(id: &str) -> String {
    format!("Message-ID: {id}\r\nSubject: Rechnung\r\n\r\nGuten Tag\r\n.\r\n")
}

/// Waits until this is so; fails the test if it never is.
pub fn until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "never came true: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Does this on several threads at once.
pub fn side_by_side(threads: usize, work: impl Fn(usize) + Send + Sync + 'static) {
    let work = Arc::new(work);
    let spawn = |number| {
        let work = Arc::clone(&work);
        std::thread::spawn(move || work(number))
    };
    for thread in (0..threads).map(spawn).collect::<Vec<_>>() {
        thread.join().expect("no thread panics");
    }
}
