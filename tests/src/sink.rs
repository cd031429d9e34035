//! A mail server on loopback that keeps what it is given and misbehaves where a test asks for it.
//!
//! Enough of RFC 5321 for one client at a time per connection: EHLO, HELO, MAIL, RCPT, DATA, RSET, NOOP, QUIT. Left
//! out: TLS, authentication, pipelining.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// A message whose final dot arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Header and body as sent, with CRLF, without dot-stuffing.
    pub data: Vec<u8>,
    /// Its `Message-ID` header, with angle brackets.
    pub message_id: Option<String>,
}

/// What a behaviour is decided by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The how manieth mail transaction of this server, from 1.
    pub nth: usize,
    /// Envelope sender.
    pub from: String,
    /// First recipient.
    pub to: String,
}

/// What the server does with one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Accepts it: `250` after the final dot.
    Accept,
    /// Answers each recipient with this line, such as `550 5.1.1 unknown`.
    AnswerRecipient(String),
    /// Answers DATA with this line instead of `354`.
    AnswerData(String),
    /// Takes the message and answers the final dot with this line; it is kept only if the line starts with `2`.
    AnswerMessage(String),
    /// Closes the connection when DATA arrives.
    DropBeforeData,
    /// Closes the connection after the first lines of the message.
    DropWithinData,
    /// Takes and keeps the message, then closes the connection without an answer.
    DropAfterDot,
    /// Takes and keeps the message, and answers `250` only after this time.
    Delay(Duration),
}

type Decide = Box<dyn Fn(&Envelope) -> Behaviour + Send + Sync>;

/// The listening server; it stops when dropped.
pub struct SmtpSink {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    stopped: AtomicBool,
    transactions: AtomicUsize,
    decide: RwLock<Decide>,
    messages: Mutex<Vec<Message>>,
}

impl SmtpSink {
    /// Starts on a free port; accepts everything until told otherwise.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let shared = Arc::new(Shared {
            stopped: AtomicBool::new(false),
            transactions: AtomicUsize::new(0),
            decide: RwLock::new(Box::new(|_| Behaviour::Accept)),
            messages: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accept(&accepting, &listener));
        Self { port, shared }
    }

    /// Its port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its address as `kontor --smtp` takes it.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Decides from now on what happens to each message; asked once per message, at its first recipient.
    pub fn behave(&self, decide: impl Fn(&Envelope) -> Behaviour + Send + Sync + 'static) {
        *self.shared.decide.write().unwrap_or_else(PoisonError::into_inner) = Box::new(decide);
    }

    /// The messages kept so far, in order of arrival.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Mail transactions begun so far, refused and cut ones included.
    pub fn transactions(&self) -> usize {
        self.shared.transactions.load(Ordering::SeqCst)
    }
}

impl std::fmt::Debug for SmtpSink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SmtpSink").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    for client in listener.incoming() {
        if shared.stopped.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = client else { continue };
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // A broken connection is the client's business; the tests look at what it makes of it.
            if let Ok(mut conversation) = Conversation::new(&shared, &stream) {
                let _ = conversation.hold();
            }
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
}

/// One connection.
struct Conversation<'a> {
    shared: &'a Shared,
    lines: BufReader<TcpStream>,
    answers: TcpStream,
    from: String,
    to: Vec<String>,
    /// Decided at the first recipient.
    behaviour: Option<Behaviour>,
}

impl<'a> Conversation<'a> {
    fn new(shared: &'a Shared, stream: &TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let (lines, answers) = (BufReader::new(stream.try_clone()?), stream.try_clone()?);
        Ok(Self { shared, lines, answers, from: String::new(), to: Vec::new(), behaviour: None })
    }

    fn hold(&mut self) -> io::Result<()> {
        self.answer("220 sink.example.com ESMTP")?;
        while let Some(line) = self.line()? {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.answer("250-sink.example.com\r\n250-8BITMIME\r\n250 SIZE 26214400")?,
                "HELO" | "NOOP" => self.answer("250 2.0.0 ok")?,
                "MAIL" => self.mail(&line)?,
                "RCPT" => self.recipient(&line)?,
                "DATA" if self.to.is_empty() => self.answer("503 5.5.1 RCPT first")?,
                "DATA" => {
                    if !self.data()? {
                        return Ok(());
                    }
                }
                "RSET" => {
                    self.reset();
                    self.answer("250 2.0.0 ok")?;
                }
                "QUIT" => return self.answer("221 2.0.0 bye"),
                _ => self.answer("502 5.5.1 unknown command")?,
            }
        }
        Ok(())
    }

    fn mail(&mut self, line: &str) -> io::Result<()> {
        self.reset();
        self.from = address(line);
        self.answer("250 2.1.0 ok")
    }

    fn recipient(&mut self, line: &str) -> io::Result<()> {
        let to = address(line);
        if self.behaviour.is_none() {
            let nth = self.shared.transactions.fetch_add(1, Ordering::SeqCst) + 1;
            let envelope = Envelope { nth, from: self.from.clone(), to: to.clone() };
            let decide = self.shared.decide.read().unwrap_or_else(PoisonError::into_inner);
            self.behaviour = Some(decide(&envelope));
        }
        if let Some(Behaviour::AnswerRecipient(line)) = self.behaviour.clone() {
            return self.answer(&line);
        }
        self.to.push(to);
        self.answer("250 2.1.5 ok")
    }

    /// Takes a message; `false` when the connection is to be closed.
    fn data(&mut self) -> io::Result<bool> {
        let behaviour = self.behaviour.clone().unwrap_or(Behaviour::Accept);
        match &behaviour {
            Behaviour::DropBeforeData => return Ok(false),
            Behaviour::AnswerData(line) => {
                self.reset();
                return self.answer(line).map(|()| true);
            }
            _ => self.answer("354 end with a dot")?,
        }
        if behaviour == Behaviour::DropWithinData {
            self.line()?;
            return Ok(false);
        }
        let Some(data) = self.content()? else { return Ok(false) };
        let reply = match &behaviour {
            Behaviour::AnswerMessage(line) => line.clone(),
            _ => "250 2.0.0 kept".to_owned(),
        };
        if reply.starts_with('2') {
            self.keep(data);
        }
        match behaviour {
            Behaviour::DropAfterDot => return Ok(false),
            Behaviour::Delay(time) => std::thread::sleep(time),
            _ => {}
        }
        self.reset();
        self.answer(&reply).map(|()| true)
    }

    /// Lines up to the final dot; `None` when the connection ends before it.
    fn content(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut data = Vec::new();
        while let Some(line) = self.line()? {
            if line == b".\r\n" {
                return Ok(Some(data));
            }
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        Ok(None)
    }

    fn keep(&self, data: Vec<u8>) {
        let message_id = header(&data, "message-id");
        let message = Message { from: self.from.clone(), to: self.to.clone(), data, message_id };
        self.shared.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }

    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let count = self.lines.read_until(b'\n', &mut line)?;
        Ok((count > 0).then_some(line))
    }

    fn answer(&mut self, line: &str) -> io::Result<()> {
        self.answers.write_all(format!("{line}\r\n").as_bytes())
    }

    fn reset(&mut self) {
        self.from.clear();
        self.to.clear();
        self.behaviour = None;
    }
}

/// The address between angle brackets.
fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

/// The first header of this name, unfolded.
fn header(data: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(data);
    let head = text.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    head.split("\r\n").find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}
