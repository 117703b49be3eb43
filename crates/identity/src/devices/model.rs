//! What kind a browser is, by what it calls itself.

/// What a name contains, and what that means; the first that fits. Browsers claim to be others, so the order counts.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// As [`BROWSERS`], for systems.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
];

/// `Firefox on Linux`; what is not known is `another browser` or `another system`. Everything that says nothing of
/// itself is one kind.
pub(super) fn family(user_agent: &str) -> String {
    let find = |table: &[(&str, &'static str)], other| {
        table.iter().find(|(part, _)| user_agent.contains(part)).map_or(other, |(_, name)| *name)
    };
    format!("{} on {}", find(&BROWSERS, "another browser"), find(&SYSTEMS, "another system"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mv_m7_a_version_is_no_new_device_and_another_system_is() {
        for (user_agent, kind) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iOS",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            ("", "another browser on another system"),
            ("sqlmap", "another browser on another system"),
        ] {
            assert_eq!(family(user_agent), kind, "{user_agent}");
        }
    }
}
