//! Figures, and how they are printed.

use std::time::Duration;

/// How often something happened in a second.
pub fn per_second(many: u32, took: Duration) -> f64 {
    f64::from(many) / took.as_secs_f64()
}

/// How a time varies.
pub struct Spread(Vec<Duration>);

impl Spread {
    /// Of at least one time.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that this share of all (0 to 1) stays below, in milliseconds.
    pub fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a short list"
        )]
        let place = (last as f64 * share).round() as usize;
        self.0.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Prints one figure.
#[expect(clippy::print_stdout, reason = "this is what the program is for")]
pub fn line(what: &str, figure: &str) {
    println!("  {what:<58}{figure:>18}");
}
