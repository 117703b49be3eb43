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

#[test]
fn hostile_text_draws_within_bounds() {
    let long = "x".repeat(1 << 20);
    let texts = [
        String::new(),
        "\0\u{1}\u{7f}\u{9b}31m\u{feff}\u{202e}evil\u{2066}".to_owned(),
        long.clone(),
        "\n".repeat(100_000),
        "👩‍👩‍👧‍👦🏳️‍🌈 漢字かな العربية עברית हिन्दी ไทย \u{301}\u{301}\u{301}a\u{300}\u{301}\u{302}".repeat(50),
        format!("e{}", "\u{301}".repeat(100_000)),
        "\u{1b}[9999;9999Hx\u{1b}[2J\u{1b}[38;2;1;2;3m\u{1b}[48;5;300mz\u{1b}[1000000000X\u{1b}[99999L\u{1b}[?1049h\u{1b}c".to_owned(),
        "\u{1b}]0;".to_owned() + &long,
        "</text><script>alert(1)</script><image href=\"file:///etc/passwd\"/>&amp;]]>".to_owned(),
        "\t".repeat(5_000),
        "\u{fffe}\u{ffff}\u{10ffff}\u{e000}".to_owned(),
        (0..=0x2fff_u32).filter_map(char::from_u32).collect(),
    ];
    for (text, theme) in texts.into_iter().zip(Theme::ALL.into_iter().cycle()) {
        let png = picture(&Shot {
            title: text.clone(),
            code: Some(text.clone()),
            language: "python".into(),
            output: Some(text.clone()),
            status: Some(text.clone()),
            theme,
        })
        .unwrap();
        let start: String = text.chars().take(20).collect();
        assert!(png.width <= 2_000 && png.height <= 3_400, "{png:?} for {start:?}");
        assert!(png.bytes.len() < 3 << 20, "{png:?} for {start:?}");
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let look = Look::of(Theme::EditorDark);
    let text = |rows: &Rows| -> Vec<String> {
        rows.rows.iter().map(|row| row.spans.iter().map(|span| span.text.as_str()).collect()).collect()
    };
    let code: String = (1..=100).map(|line| format!("print({line})\n")).collect();
    let lines = colour::lines(&code, "python", &look.code);
    let rows = text(&Rows::code(lines, 100, 10, 80, &look));
    assert_eq!((rows.len(), rows[9].as_str(), rows[10].as_str()), (11, "print(10)", "… 90 more lines"));
    let rows = text(&Rows::output(&code, 9, 80, &look));
    assert_eq!(
        rows,
        [
            "print(1)",
            "print(2)",
            "print(3)",
            "print(4)",
            "print(5)",
            "print(6)",
            "… 92 more lines",
            "print(99)",
            "print(100)"
        ]
    );
    let rows = text(&Rows::output("", 9, 80, &look));
    assert_eq!(rows, ["nothing was printed"]);
    let flood: String = (0..200_000).map(|line| format!("{line}\n")).collect();
    let rows = text(&Rows::output(&flood, 5, 80, &look));
    assert_eq!(rows, ["0", "1", "2", "3", "… 199996 more lines"]);
}
