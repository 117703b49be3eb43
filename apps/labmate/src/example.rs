//! What the contract shows: one task, the code that answers it, and what that prints.

pub(crate) const QUESTION: &str = "Print the first ten primes";
pub(crate) const CODE: &str = r#"primes = [n for n in range(2, 30) if all(n % d for d in range(2, n))]
print(*primes[: int(input())])
print(*primes, sep="\n", file=open("primes.csv", "w"))
"#;
/// Of [`CODE`].
pub(crate) const CODE_SHA256: &str = "bdbfe5efa587aa38163cfe070d1e629121fd8e4b673eb354a05d2d15a63bd1e2";
pub(crate) const STDIN: &str = "10\n";
pub(crate) const STDOUT: &str = "2 3 5 7 11 13 17 19 23 29\n";
