//! Ports on this machine that are free.

use std::net::TcpListener;

/// A listener on a free port of 127.0.0.1, and the port.
pub(crate) fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let port = listener.local_addr().expect("a bound listener has an address").port();
    (listener, port)
}

/// A port that is free now, for a program that cannot choose one itself; another may take it first.
pub(crate) fn free_port() -> u16 {
    listen().1
}
