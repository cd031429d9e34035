//! Taking back is exact, whatever was damaged.
