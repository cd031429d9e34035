//! The connection under a conversation: plain at first or always, encrypted from the handshake on.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How a conversation ends.
#[derive(Debug)]
pub(super) enum End {
    /// The server closes the connection.
    Closed,
    /// The server resets it.
    Reset,
    /// The client has gone, or what it sent could not be read.
    Lost,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Lost
    }
}

/// One connection, with its lines buffered.
pub(super) struct Wire {
    stream: BufReader<Stream>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    pub(super) fn plain(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, Stream::Plain(stream)) })
    }

    /// Shakes hands. What the client sent ahead in the open is forgotten.
    pub(super) fn encrypt(&mut self, config: &Arc<ServerConfig>) -> io::Result<()> {
        let mut stream = self.socket().try_clone()?;
        let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        let encrypted = Stream::Tls(Box::new(StreamOwned::new(connection, stream)));
        self.stream = BufReader::with_capacity(64 * 1024, encrypted);
        Ok(())
    }

    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self.stream.get_ref(), Stream::Tls(_))
    }

    /// The next line without its end.
    pub(super) fn line(&mut self) -> Result<String, End> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line)? == 0 {
            return Err(End::Lost);
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    pub(super) fn reader(&mut self) -> &mut impl BufRead {
        &mut self.stream
    }

    /// Sends one or several lines.
    pub(super) fn say(&mut self, lines: &str) -> io::Result<()> {
        self.send(ended(lines).as_bytes())
    }

    /// Sends one or several lines in single bytes, with a pause before each.
    pub(super) fn say_in_pieces(&mut self, lines: &str, pause: Duration) -> io::Result<()> {
        for byte in ended(lines).bytes() {
            std::thread::sleep(pause);
            self.send(&[byte])?;
        }
        Ok(())
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(bytes)?;
        stream.flush()
    }

    /// Hears the client out, whatever it says, until it goes.
    pub(super) fn drain(&mut self) {
        let _ = io::copy(&mut self.stream, &mut io::sink());
    }

    /// Ends the connection in order.
    pub(super) fn close(mut self) {
        if let Stream::Tls(stream) = self.stream.get_mut() {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        let _ = self.socket().shutdown(Shutdown::Both);
    }

    /// Ends the connection with a reset. Nobody else may hold the socket.
    pub(super) fn reset(self) {
        let _ = socket2::SockRef::from(self.socket()).set_linger(Some(Duration::ZERO));
    }

    fn socket(&self) -> &TcpStream {
        match self.stream.get_ref() {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => &stream.sock,
        }
    }
}

/// Lines as SMTP ends them.
fn ended(lines: &str) -> String {
    lines.lines().flat_map(|line| [line, "\r\n"]).collect()
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
