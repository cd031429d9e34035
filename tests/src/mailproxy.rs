//! A proxy before any mail server that cuts a message off at a chosen byte, keeps its final dot back, loses the answer to
//! it, or lets answers wait. So a real server, too, meets a client whose connection breaks at the worst moment.
//!
//! ```text
//! let proxy = MailProxy::start(server.port());
//! proxy.harm(|nth| if nth == 2 { Harm::LoseAnswer } else { Harm::None });
//! // … mail to proxy.url() …
//! ```
//!
//! It reads both sides: `354` begins a message, a line with a single dot ends it. Left out: what happens after STARTTLS,
//! where it sees nothing and passes everything on.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::loopback::listen;

/// What happens to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Nothing.
    None,
    /// This many of its bytes reach the server, then both connections end. A shorter message ends before its dot.
    CutWithin(usize),
    /// The server gets everything but the final dot, which the client has sent; both connections end.
    KeepDotBack,
    /// The client's connection ends as soon as it has sent the final dot. The server gets the dot and answers nobody.
    LoseAnswer,
    /// The server's answer to the final dot arrives after this time.
    DelayAnswer(Duration),
}

type Decide = Box<dyn Fn(usize) -> Harm + Send + Sync>;

/// A listening proxy; it stops, and cuts what it carries, when dropped.
pub struct MailProxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: u16,
    stopped: AtomicBool,
    messages: AtomicUsize,
    harmed: AtomicUsize,
    /// Bytes from the client after which a new connection is cut.
    limit: AtomicUsize,
    decide: RwLock<Decide>,
    carried: Mutex<Vec<TcpStream>>,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Commands,
    /// Within a message, so many bytes of which have passed.
    Message(Harm, usize),
    /// The final dot was sent; the answer is to come.
    Answer(Harm),
    /// Cut: what the server still says reaches nobody.
    Cut,
}

impl MailProxy {
    /// Starts before the server on 127.0.0.1 at this port; harms nothing until told to.
    pub fn start(upstream: u16) -> Self {
        let (listener, port) = listen();
        let shared = Arc::new(Shared {
            upstream,
            stopped: false.into(),
            messages: 0.into(),
            harmed: 0.into(),
            limit: usize::MAX.into(),
            decide: RwLock::new(Box::new(|_| Harm::None)),
            carried: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accepting.accept(&listener));
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

    /// Decides from now on what happens to each message, by its number among all that came by, from 1; asked when the
    /// server is ready for it.
    pub fn harm(&self, decide: impl Fn(usize) -> Harm + Send + Sync + 'static) {
        *self.shared.decide.write().unwrap_or_else(PoisonError::into_inner) = Box::new(decide);
    }

    /// Cuts each connection that begins from now on after so many bytes from the client, commands included; the byte
    /// after them never reaches the server. `None` cuts no more.
    pub fn cut_connections_after(&self, bytes: Option<usize>) {
        self.shared.limit.store(bytes.unwrap_or(usize::MAX), Ordering::SeqCst);
    }

    /// Messages that came by so far, the harmed ones included.
    pub fn messages(&self) -> usize {
        self.shared.messages.load(Ordering::SeqCst)
    }

    /// Messages harmed so far.
    pub fn harmed(&self) -> usize {
        self.shared.harmed.load(Ordering::SeqCst)
    }

    /// Cuts every connection it carries now, wherever it stands.
    pub fn cut_all(&self) {
        for stream in self.shared.carried().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl std::fmt::Debug for MailProxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MailProxy").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Drop for MailProxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        self.cut_all();
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let (Ok(client), shared) = (client, Arc::clone(&self)) else { continue };
            std::thread::spawn(move || {
                // A broken connection is what this proxy is for; both ends notice it themselves.
                let _ = shared.carry(&client);
                let _ = client.shutdown(Shutdown::Both);
            });
        }
    }

    fn carry(&self, client: &TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(("127.0.0.1", self.upstream))?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        self.carried().extend([client.try_clone()?, server.try_clone()?]);
        let passage = Passage { shared: self, client, server: &server, stage: Mutex::new(Stage::Commands) };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _ = passage.answers();
                let _ = client.shutdown(Shutdown::Both);
            });
            // However the client's side ends, the server is told; unless it is still to answer a lost dot.
            if passage.requests().is_err() || !passage.awaits_lost_answer() {
                let _ = server.shutdown(Shutdown::Write);
            }
        });
        Ok(())
    }

    fn carried(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection through the proxy.
struct Passage<'a> {
    shared: &'a Shared,
    client: &'a TcpStream,
    server: &'a TcpStream,
    stage: Mutex<Stage>,
}

impl Passage<'_> {
    /// Passes on what the client says, until it ends or is cut.
    fn requests(&self) -> io::Result<()> {
        let (mut lines, mut onward) = (BufReader::new(self.client), BufWriter::new(self.server));
        let (mut line, mut left) = (Vec::new(), self.shared.limit.load(Ordering::SeqCst));
        loop {
            line.clear();
            if lines.by_ref().take(64 * 1024).read_until(b'\n', &mut line)? == 0 {
                return onward.flush();
            }
            let passes = self.weigh(&line[..line.len().min(left)]);
            left -= passes;
            let ends = passes < line.len() || left == 0;
            if ends {
                *self.stage() = Stage::Cut;
            }
            onward.write_all(&line[..passes])?;
            if ends {
                onward.flush()?;
                return self.client.shutdown(Shutdown::Both);
            }
            if lines.buffer().is_empty() {
                onward.flush()?;
            }
            if self.awaits_lost_answer() {
                return self.client.shutdown(Shutdown::Both);
            }
        }
    }

    /// How many bytes of a line from the client are passed on; fewer than it has means the end.
    fn weigh(&self, line: &[u8]) -> usize {
        let mut stage = self.stage();
        let Stage::Message(harm, passed) = *stage else { return line.len() };
        let ends = line == b".\r\n";
        if ends {
            *stage = Stage::Answer(harm);
        } else {
            *stage = Stage::Message(harm, passed + line.len());
        }
        match harm {
            Harm::CutWithin(_) | Harm::KeepDotBack if ends => 0,
            Harm::CutWithin(limit) => line.len().min(limit - passed.min(limit)),
            _ => line.len(),
        }
    }

    /// Passes on what the server answers.
    fn answers(&self) -> io::Result<()> {
        let (mut lines, mut back) = (BufReader::new(self.server), self.client);
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.by_ref().take(64 * 1024).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            let stage = *self.stage();
            match stage {
                Stage::Commands if line.starts_with(b"354") => self.begin_message(),
                Stage::Cut => return Ok(()),
                Stage::Answer(Harm::LoseAnswer) => return self.server.shutdown(Shutdown::Both),
                Stage::Answer(harm) => {
                    if let Harm::DelayAnswer(time) = harm {
                        std::thread::sleep(time);
                    }
                    *self.stage() = Stage::Commands;
                }
                _ => {}
            }
            back.write_all(&line)?;
        }
    }

    fn begin_message(&self) {
        let nth = self.shared.messages.fetch_add(1, Ordering::SeqCst) + 1;
        let harm = self.shared.decide.read().unwrap_or_else(PoisonError::into_inner)(nth);
        if harm != Harm::None {
            self.shared.harmed.fetch_add(1, Ordering::SeqCst);
        }
        *self.stage() = Stage::Message(harm, 0);
    }

    fn awaits_lost_answer(&self) -> bool {
        matches!(*self.stage(), Stage::Answer(Harm::LoseAnswer))
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
