//! The content of a message as it comes in, up to the final dot or to where it is cut.

use std::io::{self, BufRead, Read};

/// How the content ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With the final dot.
    Dot,
    /// At the number of bytes that was asked for.
    Cut,
    /// The client went away.
    Gone,
}

/// What has come in.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) ending: Ending,
    /// Bytes received, the final dot not counted.
    pub(super) size: usize,
    /// The header, whole only if `head_complete`.
    head: Vec<u8>,
    head_complete: bool,
    /// Header and body without dot-stuffing; empty if it was not to be kept.
    pub(super) data: Vec<u8>,
}

impl Content {
    /// Reads on, at most `limit` bytes of it.
    pub(super) fn read(lines: &mut impl BufRead, limit: Option<usize>, keep: bool) -> io::Result<Self> {
        let mut content =
            Self { ending: Ending::Gone, size: 0, head: Vec::new(), head_complete: false, data: Vec::new() };
        let mut line = Vec::with_capacity(1024);
        loop {
            let left = limit.map_or(u64::MAX, |limit| u64::try_from(limit - content.size).unwrap_or(u64::MAX));
            line.clear();
            if left == 0 {
                content.ending = Ending::Cut;
                return Ok(content);
            }
            if lines.take(left).read_until(b'\n', &mut line)? == 0 {
                return Ok(content);
            }
            if line == b".\r\n" {
                content.ending = Ending::Dot;
                return Ok(content);
            }
            content.add(&line, keep);
        }
    }

    fn add(&mut self, line: &[u8], keep: bool) {
        self.size += line.len();
        let line = line.strip_prefix(b".").unwrap_or(line);
        if !self.head_complete {
            self.head.extend_from_slice(line);
            self.head_complete = line == b"\r\n";
        }
        if keep {
            self.data.extend_from_slice(line);
        }
    }

    /// The `Message-ID` with its angle brackets; known once the whole header is there.
    pub(super) fn message_id(&self) -> Option<String> {
        if !self.head_complete && self.ending != Ending::Dot {
            return None;
        }
        let head = String::from_utf8_lossy(&self.head).replace("\r\n ", " ").replace("\r\n\t", " ");
        head.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case("message-id").then(|| value.trim().to_owned())
        })
    }

    /// Whether the header came in whole.
    pub(super) fn has_head(&self) -> bool {
        self.head_complete || self.ending == Ending::Dot
    }
}
