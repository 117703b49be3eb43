//! What went wrong, as a sentence for the person at the terminal.

/// `?` works on any error; `"a sentence".into()` makes one of our own.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Says what was being done when something failed.
pub(crate) trait While<T> {
    /// `what` follows "cannot", for example "read deny.toml".
    fn cannot(self, what: &str) -> Result<T>;
}

impl<T, E: std::fmt::Display> While<T> for std::result::Result<T, E> {
    fn cannot(self, what: &str) -> Result<T> {
        self.map_err(|error| format!("cannot {what}: {error}").into())
    }
}
