//! The schema: once, whoever comes first; and the contract that is built with it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::house::{House, Said};

#[test]
fn mv_s2_lm_21_ten_that_migrate_at_once_migrate_once() {
    let house = House::new();
    let start = || house.command(&["migrate", "--json"]).spawn().unwrap();
    let all: Vec<_> = (0..10).map(|_| start()).collect();
    let said: Vec<Said> = all.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
    let mut applied = Vec::new();
    for said in &said {
        assert_eq!(said.code, Some(0), "{said:?}");
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let steps = report["applied"].as_array().unwrap().len();
        applied.push((steps, steps + usize::try_from(report["present"].as_u64().unwrap()).unwrap()));
    }
    assert_eq!(applied.iter().filter(|(steps, _)| *steps > 0).count(), 1, "{applied:?}");
    assert!(applied.iter().all(|(_, all)| *all == applied[0].1 && *all > 2), "{applied:?}");
    let again = house.run(&["migrate"]);
    assert!(again.out.starts_with("the schema is up to date"), "{again:?}");
}

/// Names of properties with where they stand.
fn properties(at: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (name, inside) in fields {
                if name == "properties"
                    && let Value::Object(properties) = inside
                {
                    found.extend(properties.keys().map(|name| (name.clone(), at.to_owned())));
                }
                properties(&format!("{at}/{name}"), inside, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(at, item, found)),
        _ => {}
    }
}

#[test]
fn fw_b2_lm_29_a_field_has_one_name_in_one_spelling() {
    let house = House::new();
    let said = house.run(&["openapi"]);
    assert_eq!((said.code, &*said.err), (Some(0), ""));
    assert_eq!(std::fs::read_dir(&house.folder).unwrap().count(), 0, "nothing was left");
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeMap::new();
    properties("", &document, &mut names);
    assert!(names.len() > 10, "{names:?}");
    let mut spellings: BTreeMap<String, &str> = BTreeMap::new();
    for (name, at) in &names {
        let snake = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(snake, "{name} at {at}");
        let other = spellings.insert(name.replace('_', ""), name);
        assert_eq!(other, None, "two spellings of one name");
    }
}

#[test]
fn mv_h2_there_is_no_door_for_debugging() {
    let document: Value = serde_json::from_str(&House::new().run(&["openapi"]).out).unwrap();
    for path in document["paths"].as_object().unwrap().keys() {
        for word in ["debug", "test", "dev/", "internal", "trace", "eval", "dump"] {
            assert!(!path.contains(word), "{path}");
        }
    }
}
