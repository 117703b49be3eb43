//! JSON Schema 2020-12 for what a tool takes and gives, from the types that the REST API describes itself with.

use serde_json::{Map, Value, json};
use stoa_core::{Error, Result};
use utoipa::ToSchema;

/// No type of ours nests as deep; one that holds itself would never end.
const DEPTH: usize = 16;
/// Formats of OpenAPI that say nothing which the type and its bounds do not.
const NUMBERS: [&str; 4] = ["int32", "int64", "float", "double"];

/// The schema of what a tool takes: with examples, for a model.
///
/// # Errors
/// As for [`of`].
pub(crate) fn taken<T: ToSchema>() -> Result<Value> {
    of::<T>(Examples::Kept)
}

/// The schema of what a tool gives: for programs, which need no examples.
///
/// # Errors
/// As for [`of`].
pub(crate) fn given<T: ToSchema>() -> Result<Value> {
    of::<T>(Examples::Left)
}

/// What becomes of examples.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Examples {
    Kept,
    Left,
}

/// The schema of an object. Everything stands in its place: not every client follows references.
///
/// # Errors
/// When the type is no object or holds itself.
fn of<T: ToSchema>(examples: Examples) -> Result<Value> {
    let mut named = Vec::new();
    T::schemas(&mut named);
    let mut named: Map<String, Value> = named
        .into_iter()
        .map(|(name, schema)| Ok((name, serde_json::to_value(schema)?)))
        .collect::<Result<_>>()?;
    named.insert(T::name().into_owned(), serde_json::to_value(T::schema())?);
    let reading = Reading { named, examples };
    let schema = reading.whole(&serde_json::to_value(T::schema())?, 0)?;
    if schema["type"] != "object" {
        return Err(Error::internal(format!("`{}` is no object: a tool takes and gives objects", T::name())));
    }
    Ok(schema)
}

/// What takes nothing.
pub(crate) fn nothing() -> Value {
    json!({ "type": "object", "properties": {}, "additionalProperties": false })
}

/// Schemas by name, on the way to one that stands alone.
struct Reading {
    named: Map<String, Value>,
    examples: Examples,
}

impl Reading {
    /// A schema with all that it refers to in it.
    fn whole(&self, schema: &Value, depth: usize) -> Result<Value> {
        if depth > DEPTH {
            return Err(Error::internal("a schema nests too deep, or holds itself"));
        }
        match schema {
            Value::Object(fields) => match referred(fields) {
                Some(name) => self.followed(fields, name, depth),
                None => self.object(fields, depth),
            },
            Value::Array(items) => items.iter().map(|item| self.whole(item, depth + 1)).collect(),
            plain => Ok(plain.clone()),
        }
    }

    fn followed(&self, fields: &Map<String, Value>, name: &str, depth: usize) -> Result<Value> {
        let target = self.named.get(name);
        let target = target.ok_or_else(|| Error::internal(format!("there is no schema `{name}`")))?;
        let mut schema = self.whole(target, depth + 1)?;
        if let (Some(own), Some(schema)) = (fields.get("description"), schema.as_object_mut()) {
            schema.insert("description".into(), own.clone());
        }
        Ok(schema)
    }

    fn object(&self, fields: &Map<String, Value>, depth: usize) -> Result<Value> {
        let mut schema = Map::new();
        for (name, value) in fields {
            match name.as_str() {
                // Names of fields, whatever they are.
                "properties" => {
                    let fields = value.as_object().into_iter().flatten();
                    let fields =
                        fields.map(|(name, field)| Ok((name.clone(), self.whole(field, depth + 1)?)));
                    schema.insert(name.clone(), Value::Object(fields.collect::<Result<_>>()?));
                }
                // What OpenAPI has and JSON Schema does not.
                "example" => {
                    if self.examples == Examples::Kept {
                        schema.insert("examples".into(), json!([value]));
                    }
                }
                "format" if value.as_str().is_some_and(|format| NUMBERS.contains(&format)) => {}
                "default" | "const" | "enum" => {
                    schema.insert(name.clone(), value.clone());
                }
                _ => {
                    schema.insert(name.clone(), self.whole(value, depth + 1)?);
                }
            }
        }
        Ok(schema.into())
    }
}

fn referred(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place.
    #[derive(ToSchema)]
    #[schema(as = TestPlace)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Place {
        /// Its name.
        #[schema(min_length = 1, example = "Rome")]
        name: String,
        /// How many live there.
        people: u32,
    }

    /// A journey.
    #[derive(ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Journey {
        /// Where it ends.
        to: Place,
        /// Where one stays.
        stops: Vec<Place>,
    }

    #[test]
    fn m24_a_schema_stands_alone() {
        let place = json!({
            "type": "object", "description": "Where it ends.", "required": ["name", "people"],
            "properties": {
                "name": { "type": "string", "description": "Its name.", "minLength": 1, "examples": ["Rome"] },
                "people": { "type": "integer", "description": "How many live there.", "minimum": 0 },
            },
        });
        let schema = taken::<Journey>().unwrap();
        assert_eq!(schema["properties"]["to"], place);
        assert_eq!(schema["properties"]["stops"]["items"]["required"], json!(["name", "people"]));
        assert_eq!(schema["additionalProperties"], false);
        assert!(!schema.to_string().contains("$ref"), "{schema}");
        assert!(taken::<String>().is_err());
        assert!(!given::<Journey>().unwrap().to_string().contains("examples"));
    }
}
