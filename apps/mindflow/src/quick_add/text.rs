//! A line cut into words, with where each stands.

/// A word between blanks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// As it was written.
    pub(super) shown: &'a str,
    /// In small letters and without punctuation behind it; nothing if it stands between quotes.
    pub(super) low: String,
    /// Its first character.
    pub(super) from: usize,
    /// The character behind its last.
    pub(super) to: usize,
}

const PUNCTUATION: [char; 6] = [',', '.', ';', ':', '!', '?'];

/// The words of a line.
pub(super) fn words(line: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    for piece in line.split(char::is_whitespace) {
        let length = piece.chars().count();
        if length > 0 {
            let low = piece.trim_end_matches(PUNCTUATION).to_lowercase();
            words.push(Word { shown: piece, low, from: at, to: at + length });
        }
        at += length + 1;
    }
    silence_quotes(&mut words);
    words
}

/// What stands between double quotes means nothing. A quote that is never closed is none.
fn silence_quotes(words: &mut [Word<'_>]) {
    let mut at = 0;
    while at < words.len() {
        let end = words[at].shown.starts_with('"').then(|| {
            let closes = |(place, word): (usize, &Word<'_>)| {
                let text = word.shown.trim_end_matches(PUNCTUATION);
                let alone = place == 0 && text.len() < 2;
                (text.ends_with('"') && !alone).then_some(place)
            };
            words[at..].iter().enumerate().find_map(closes)
        });
        match end.flatten() {
            Some(end) => {
                words[at..=at + end].iter_mut().for_each(|word| word.low.clear());
                at += end + 1;
            }
            None => at += 1,
        }
    }
}

/// A whole number, in digits or as a word.
pub(super) fn number(word: &str) -> Option<u32> {
    const WORDS: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    if let Some(place) = WORDS.iter().position(|name| *name == word) {
        return u32::try_from(place + 1).ok();
    }
    digits(word)
}

/// Digits and nothing else: no sign, no blank, and not more than a calendar needs.
pub(super) fn digits(word: &str) -> Option<u32> {
    let plain = (1..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    if plain { word.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_where_they_stand_in_characters() {
        let all = words("  grüße\tAna, now! ");
        let seen: Vec<_> = all.iter().map(|word| (word.shown, &*word.low, word.from, word.to)).collect();
        assert_eq!(seen, [("grüße", "grüße", 2, 7), ("Ana,", "ana", 8, 12), ("now!", "now", 13, 17)]);
    }

    #[test]
    fn what_stands_between_quotes_means_nothing() {
        let low = |line: &str| words(line).into_iter().map(|word| word.low).collect::<Vec<_>>();
        assert_eq!(low(r#"see "today is", today"#), ["see", "", "", "today"]);
        assert_eq!(low(r#""today" x"#), ["", "x"]);
        assert_eq!(low(r#"a 24" screen today"#), ["a", "24\"", "screen", "today"]);
        assert_eq!(low(r#""never closed today"#), ["\"never", "closed", "today"]);
        assert_eq!(low(r#"" today ""#), ["", "", ""]);
    }

    #[test]
    fn numbers_are_small_and_plain() {
        assert_eq!(["3", "twelve", "007"].map(number), [Some(3), Some(12), Some(7)]);
        assert_eq!(["", "-3", "+3", "3.5", "123456", "٣", "dozen"].map(number), [None; 7]);
    }
}
