//! The character U+0000, which JSON allows and PostgreSQL cannot keep. Programs print it, so what a job tells may
//! hold it; it is shown as U+2400 then, on both engines alike.

use serde_json::Value;

pub(crate) fn shown(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "␀") } else { text }
}

pub(crate) fn shown_in(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(shown(text)),
        Value::Array(items) => items.into_iter().map(shown_in).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (shown(name), shown_in(value))).collect()
        }
        plain => plain,
    }
}

pub(crate) fn is_in(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(is_in),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || is_in(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_zero_character_is_found_and_shown_at_every_depth() {
        let value = json!({"a\0": ["x\0y", 1, null], "b": {"c": "plain"}});
        assert!(is_in(&value));
        let shown = shown_in(value);
        assert!(!is_in(&shown));
        assert_eq!(shown, json!({"a␀": ["x␀y", 1, null], "b": {"c": "plain"}}));
    }
}
