//! The contract: whoever reads it learns what each thing is, what it looks like, and how it fails.

use serde_json::{Value, json};

use crate::house::House;

#[test]
fn lm_22_the_contract_is_complete_with_examples_and_errors() {
    let document: Value = serde_json::from_str(&House::new().run(&["openapi"]).out).unwrap();
    let mut reader = Reader { document: &document, gaps: Vec::new() };
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            reader.operation(&format!("{method} {path}"), operation);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        reader.leaves(name, schema);
    }
    assert!(reader.gaps.is_empty(), "{} gaps:\n{}", reader.gaps.len(), reader.gaps.join("\n"));
}

/// A document, and what was found missing from it.
struct Reader<'a> {
    document: &'a Value,
    gaps: Vec<String>,
}

impl<'a> Reader<'a> {
    fn need(&mut self, holds: bool, at: &str, gap: &str) {
        self.gaps.extend((!holds).then(|| format!("{at}: {gap}")));
    }

    fn operation(&mut self, at: &str, operation: &'a Value) {
        for word in ["summary", "operationId"] {
            self.need(says(operation, word), at, &format!("no {word}"));
        }
        self.need(list(operation, "tags").len() == 1, at, "not exactly one tag");
        for parameter in list(operation, "parameters") {
            let (at, schema) = (format!("{at} {}", parameter["name"]), &parameter["schema"]);
            let shown = example(parameter).cloned().unwrap_or_else(|| self.made(schema));
            self.need(says(parameter, "description"), &at, "no description");
            self.need(!shown.is_null() && self.fits(schema, &shown), &at, &format!("{shown} is no example"));
        }
        if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
            let shown = self.made(schema);
            self.need(self.fits(schema, &shown), at, &format!("{shown} is no body"));
        }
        let answers = operation["responses"].as_object().unwrap();
        self.need(answers.keys().any(|status| status.starts_with('2') || status == "303"), at, "no success");
        for (status, answer) in answers {
            let at = format!("{at} {status}");
            self.need(says(answer, "description"), &at, "no description");
            let failed = at.contains(" /api/v1/") && status.as_str() >= "400";
            let problem = &answer["content"]["application/problem+json"]["schema"]["$ref"];
            self.need(!failed || problem == "#/components/schemas/Problem", &at, "no problem");
        }
    }

    /// What has an example has one that fits. What holds nothing else has one.
    fn leaves(&mut self, at: &str, schema: &'a Value) {
        if let Some(shown) = example(schema) {
            return self.need(self.fits(schema, shown), at, &format!("{shown} is no example"));
        }
        let telling = schema.get("$ref").or(schema.get("enum")).is_some() || is(schema, "boolean");
        if telling || schema["type"] == "null" || schema["format"] == "binary" {
            return;
        }
        let parts: Vec<_> =
            list(schema, "allOf").iter().chain(list(schema, "oneOf")).chain(schema.get("items")).collect();
        self.need(!parts.is_empty() || properties(schema).count() > 0, at, "no example");
        parts.into_iter().for_each(|part| self.leaves(at, part));
        properties(schema).for_each(|(name, part)| self.leaves(&format!("{at}.{name}"), part));
    }

    fn follow(&self, schema: &'a Value) -> &'a Value {
        let place = schema["$ref"].as_str().map(|name| name.trim_start_matches('#'));
        place.map_or(schema, |place| self.document.pointer(place).unwrap())
    }

    /// A value put together from examples; `null` where there are none.
    fn made(&self, schema: &'a Value) -> Value {
        let schema = self.follow(schema);
        let branch = list(schema, "oneOf").iter().find(|branch| branch["type"] != "null");
        if let Some(value) = example(schema).or(schema.get("default")).or(schema.pointer("/enum/0")) {
            value.clone()
        } else if let Some(branch) = branch {
            self.made(branch)
        } else if is(schema, "object") {
            properties(schema).map(|(name, part)| (name.clone(), self.made(part))).collect()
        } else if is(schema, "array") {
            json!([self.made(&schema["items"])])
        } else {
            is(schema, "boolean").then_some(true).into()
        }
    }

    fn fits(&self, schema: &'a Value, value: &Value) -> bool {
        let schema = self.follow(schema);
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let size = value.as_f64().or(value.as_str().map(|text| text.chars().count() as f64));
        let bound = |words: [&str; 2]| words.iter().find_map(|word| schema[word].as_f64()).or(size);
        let mut required = list(schema, "required").iter().map(|name| name.as_str().unwrap());
        let mut items = value.as_array().into_iter().flatten();
        let (values, choices) = (list(schema, "enum"), list(schema, "oneOf"));
        (schema.get("type").is_none() || is(schema, kind))
            && (size.is_none() || bound(["minimum", "minLength"]) <= size)
            && (size.is_none() || bound(["maximum", "maxLength"]) >= size)
            && (values.is_empty() || values.contains(value))
            && (choices.is_empty() || choices.iter().any(|choice| self.fits(choice, value)))
            && (!value.is_object() || required.all(|name| value.get(name).is_some()))
            && items.all(|item| self.fits(&schema["items"], item))
            && properties(schema)
                .all(|(name, part)| value.get(name).is_none_or(|inner| self.fits(part, inner)))
    }
}

fn says(value: &Value, name: &str) -> bool {
    value[name].as_str().is_some_and(|text| !text.is_empty())
}

fn example(value: &Value) -> Option<&Value> {
    value.get("example").or_else(|| value.pointer("/examples/0"))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn is(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || list(schema, "type").iter().any(|one| one == kind)
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}
