//! The real window, driven as a person drives it: the program itself under Xvfb, WebKit's own driver, real databases, real
//! mails. What a flow did is asserted in the rows and in the messages, not only on the screen.

mod everywhere;
mod harness;
mod journal;
mod office;
mod registrations;
mod start;
