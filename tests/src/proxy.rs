//! A proxy before `PostgreSQL` that loses the answer to a COMMIT: the server has committed, the client never hears it.
//!
//! It reads the server's side of the wire protocol, version 3: the command tag `COMMIT` says that the transaction is
//! durable, whether it was asked for by a simple or a prepared statement. Left out: TLS (answered with "no") and
//! statements that commit by themselves.

use std::collections::BTreeSet;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::loopback::listen;

const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

/// A listening proxy; it stops, and cuts what it carries, when dropped.
#[derive(Debug)]
pub struct CutProxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    upstream: u16,
    stopped: AtomicBool,
    away: AtomicBool,
    commits: Mutex<Commits>,
    carried: Mutex<Vec<TcpStream>>,
}

#[derive(Debug, Default)]
struct Commits {
    seen: usize,
    lost: usize,
    to_lose: BTreeSet<usize>,
}

impl CutProxy {
    /// Starts before the server on 127.0.0.1 at this port.
    pub fn start(upstream: u16) -> Self {
        let (listener, port) = listen();
        let shared = Arc::new(Shared {
            upstream,
            stopped: false.into(),
            away: false.into(),
            commits: Mutex::default(),
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

    /// The address of a database on the server, by way of this proxy.
    pub fn url(&self, direct: &str) -> String {
        let direct = direct.replacen(&format!(":{}/", self.shared.upstream), &format!(":{}/", self.port), 1);
        format!("{direct}?sslmode=disable")
    }

    /// Loses the answer to the `nth` COMMIT from now on; 1 is the next one. May be asked for several.
    pub fn cut_commit(&self, nth: usize) {
        let mut commits = self.shared.commits();
        let nth = commits.seen + nth;
        commits.to_lose.insert(nth);
    }

    /// COMMITs that the server has confirmed so far, the lost ones included.
    pub fn commits(&self) -> usize {
        self.shared.commits().seen
    }

    /// Answers lost so far.
    pub fn lost(&self) -> usize {
        self.shared.commits().lost
    }

    /// The server goes away: what is carried is cut, and nobody gets through until [`CutProxy::come_back`].
    pub fn go_away(&self) {
        self.shared.away.store(true, Ordering::Relaxed);
        self.cut_all();
    }

    /// The server is back.
    pub fn come_back(&self) {
        self.shared.away.store(false, Ordering::Relaxed);
    }

    /// Cuts every connection it carries now, wherever it stands.
    pub fn cut_all(&self) {
        for stream in self.shared.carried.lock().expect("nobody panics while holding the streams").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for CutProxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        self.cut_all();
    }
}

impl Shared {
    fn commits(&self) -> MutexGuard<'_, Commits> {
        self.commits.lock().expect("nobody panics while holding the counters")
    }

    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let (Ok(client), shared) = (client, Arc::clone(&self)) else { continue };
            if self.away.load(Ordering::Relaxed) {
                let _ = client.shutdown(Shutdown::Both);
                continue;
            }
            std::thread::spawn(move || {
                // A broken connection is what this proxy is for; both ends notice it themselves.
                let _ = shared.carry(&client);
                let _ = client.shutdown(Shutdown::Both);
            });
        }
    }

    fn carry(&self, client: &TcpStream) -> io::Result<()> {
        let startup = read_startup(client)?;
        let server = TcpStream::connect(("127.0.0.1", self.upstream))?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        self.carried.lock().expect("nobody panics while holding the streams").push(client.try_clone()?);
        (&server).write_all(&startup)?;
        let (mut questions, mut to_server) = (client.try_clone()?, server.try_clone()?);
        std::thread::spawn(move || {
            let _ = io::copy(&mut questions, &mut to_server);
            let _ = to_server.shutdown(Shutdown::Both);
        });
        let end = self.relay_answers(&server, client);
        let _ = server.shutdown(Shutdown::Both);
        end
    }

    fn relay_answers(&self, server: &TcpStream, client: &TcpStream) -> io::Result<()> {
        let mut answers = BufReader::with_capacity(65_536, server);
        let mut to_client = BufWriter::with_capacity(65_536, client);
        loop {
            let mut head = [0; 5];
            answers.read_exact(&mut head)?;
            let mut body = vec![0; length(&head[1..])?];
            answers.read_exact(&mut body)?;
            if head[0] == b'C' && body == b"COMMIT\0" && self.loses_this_one() {
                // Not even what came before the confirmation, such as "bind complete", gets through.
                let _ = to_client.into_parts();
                return Ok(());
            }
            to_client.write_all(&head)?;
            to_client.write_all(&body)?;
            if answers.buffer().is_empty() {
                to_client.flush()?;
            }
        }
    }

    fn loses_this_one(&self) -> bool {
        let mut commits = self.commits();
        commits.seen += 1;
        let seen = commits.seen;
        let lost = commits.to_lose.remove(&seen);
        commits.lost += usize::from(lost);
        lost
    }
}

/// Reads the first packet that is not a question about encryption, which is always answered with "no".
fn read_startup(mut client: &TcpStream) -> io::Result<Vec<u8>> {
    loop {
        let mut packet = vec![0; 4];
        client.read_exact(&mut packet)?;
        let rest = length(&packet)?;
        packet.resize(4 + rest, 0);
        client.read_exact(&mut packet[4..])?;
        match packet.get(4..8).and_then(|code| code.try_into().ok()).map(u32::from_be_bytes) {
            Some(SSL_REQUEST | GSS_REQUEST) => client.write_all(b"N")?,
            _ => return Ok(packet),
        }
    }
}

/// Bytes that follow a length field, which counts itself.
fn length(field: &[u8]) -> io::Result<usize> {
    let bytes = field.try_into().map_err(io::Error::other)?;
    let whole = usize::try_from(u32::from_be_bytes(bytes)).map_err(io::Error::other)?;
    whole.checked_sub(4).ok_or_else(|| io::Error::other("a length shorter than itself"))
}
