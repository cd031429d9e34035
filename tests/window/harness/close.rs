//! Closes a window as a person does, by its cross: the message that a window manager sends (ICCCM, 4.2.8.1). Under Xvfb
//! there is no window manager, and `WebDriver` knows no such close.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::display::display;

/// Asks the window of this process to close.
pub fn close(process: u32) {
    let mut screen = Screen::connect();
    let id = screen.atom("_NET_WM_PID");
    let protocols = screen.atom("WM_PROTOCOLS");
    let delete = screen.atom("WM_DELETE_WINDOW");
    let windows = screen.top_windows();
    let owned = |screen: &mut Screen, window: &u32| {
        let knows = screen.property(*window, protocols).contains(&delete);
        knows && screen.property(*window, id).first() == Some(&process)
    };
    let mut found: Vec<u32> = Vec::new();
    for window in windows {
        if owned(&mut screen, &window) {
            found.push(window);
        }
    }
    assert!(!found.is_empty(), "process {process} has no window that can be closed");
    for window in found {
        screen.send(window, protocols, delete);
    }
}

/// A connection to the display, in the words of the X protocol, version 11, little-endian.
struct Screen {
    wire: UnixStream,
    root: u32,
}

impl Screen {
    fn connect() -> Self {
        let path = format!("/tmp/.X11-unix/X{}", display().trim_start_matches(':'));
        let mut wire = UnixStream::connect(path).expect("the display listens");
        wire.write_all(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]).expect("the display listens");
        let mut head = [0; 8];
        wire.read_exact(&mut head).expect("the display answers");
        assert_eq!(head[0], 1, "the display lets everybody on this machine in");
        let mut setup = vec![0; usize::from(u16::from_le_bytes([head[6], head[7]])) * 4];
        wire.read_exact(&mut setup).expect("the display answers");
        let vendor = usize::from(u16::from_le_bytes([setup[16], setup[17]]));
        let formats = usize::from(setup[21]);
        // The first screen follows the vendor's name, filled up to four bytes, and the pixel formats of eight bytes each.
        let at = 32 + vendor.next_multiple_of(4) + formats * 8;
        Self { root: word(&setup, at), wire }
    }

    fn ask(&mut self, code: u8, detail: u8, body: &[u8]) {
        let length = u16::try_from((4 + body.len()) / 4).expect("a request is short");
        let mut request = vec![code, detail];
        request.extend(length.to_le_bytes());
        request.extend(body);
        self.wire.write_all(&request).expect("the display listens");
    }

    /// The answer to the last question; a window that went away meanwhile gives an error, which is no bytes here.
    fn answer(&mut self) -> Vec<u8> {
        let mut head = vec![0; 32];
        self.wire.read_exact(&mut head).expect("the display answers");
        if head[0] != 1 {
            return Vec::new();
        }
        let mut rest = vec![0; word(&head, 4) as usize * 4];
        self.wire.read_exact(&mut rest).expect("the display answers");
        head.extend(rest);
        head
    }

    fn atom(&mut self, name: &str) -> u32 {
        let mut body = Vec::from(u16::try_from(name.len()).expect("a name is short").to_le_bytes());
        body.extend([0, 0]);
        body.extend(name.as_bytes());
        body.resize(body.len().next_multiple_of(4), 0);
        self.ask(16, 0, &body);
        word(&self.answer(), 8)
    }

    fn top_windows(&mut self) -> Vec<u32> {
        self.ask(15, 0, &self.root.to_le_bytes());
        let answer = self.answer();
        let count = usize::from(u16::from_le_bytes([answer[16], answer[17]]));
        (0..count).map(|place| word(&answer, 32 + place * 4)).collect()
    }

    fn property(&mut self, window: u32, name: u32) -> Vec<u32> {
        let body: Vec<u8> = [window, name, 0, 0, 32].iter().flat_map(|each| each.to_le_bytes()).collect();
        self.ask(20, 0, &body);
        let answer = self.answer();
        if answer.len() < 32 || answer[1] != 32 {
            return Vec::new();
        }
        (0..word(&answer, 16) as usize).map(|place| word(&answer, 32 + place * 4)).collect()
    }

    fn send(&mut self, window: u32, kind: u32, what: u32) {
        // SendEvent to the window, without propagation or mask: a client message of format 32.
        let mut body: Vec<u8> = [window, 0].iter().flat_map(|each| each.to_le_bytes()).collect();
        body.extend([33, 32, 0, 0]);
        body.extend([window, kind, what, 0, 0, 0, 0].iter().flat_map(|each| each.to_le_bytes()));
        self.ask(25, 0, &body);
        // The answer to another question shows that the event was taken before the connection ends.
        self.atom("WM_PROTOCOLS");
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}
