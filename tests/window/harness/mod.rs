//! What the flows stand on: a screen that nobody looks at, the program with its driver, and a desk's hands and eyes.

mod close;
mod display;
mod driver;
mod keys;
mod shots;
mod window;

pub use window::{Opening, Window};
