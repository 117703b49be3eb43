//! Pictures of ordinary and of hostile text.

use super::*;

fn shot(theme: Theme) -> Shot {
    Shot {
        title: "fibonacci.py".into(),
        code: Some(
            "# The first n numbers of Fibonacci\nfrom functools import lru_cache\n\n\n@lru_cache(maxsize=None)\ndef fib(n: int) -> int:\n    \"\"\"The n-th number.\"\"\"\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n\n\nclass Table:\n    def __init__(self, rows=10):\n        self.rows = rows != 0 and rows or 3.14\n\n\nfor i in range(10):\n    print(f\"fib({i}) = {fib(i)}\", end=\" \" if i % 5 else \"\\n\")\n"
                .into(),
        ),
        language: "python".into(),
        output: Some(
            "fib(0) = 0\n\u{1b}[32mfib(1) = 1\u{1b}[0m \u{1b}[1;31mred bold\u{1b}[0m \u{1b}[7m inverse \u{1b}[0m\nПривет, мир — ✓ π ≈ 3.14 │ ┌──┐ שלום 漢字 😀 e\u{301}\nTraceback (most recent call last):\n  File \"fibonacci.py\", line 3, in <module>\nZeroDivisionError: division by zero\n"
                .into(),
        ),
        status: Some("exit code 1 · 21 ms".into()),
        theme,
    }
}

fn size_in_file(png: &Png) -> (u32, u32) {
    assert_eq!(&png.bytes[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png.bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn each_theme_draws_a_picture_of_the_size_it_says() {
    for theme in Theme::ALL {
        let png = picture(&shot(theme)).unwrap();
        assert_eq!(size_in_file(&png), (png.width, png.height));
        assert!(png.width > 1_000 && png.height > 600, "{png:?}");
        if let Some(folder) = option_env!("STOA_PICTURES") {
            std::fs::write(format!("{folder}/{}.png", theme.name()), &png.bytes).unwrap();
        }
    }
}
