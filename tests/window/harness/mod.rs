//! What the flows stand on: a screen that nobody looks at, the program with its driver, and a desk's hands and eyes.

mod bus;
mod close;
mod display;
mod driver;
mod eyes;
mod hands;
mod keys;
mod shots;
mod waits;
mod window;

pub use bus::{Bus, Notifications};
pub use display::display;
pub use driver::program;
pub use window::{Opening, Window};
