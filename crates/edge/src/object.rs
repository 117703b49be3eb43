//! What is told as an object must come as one: serde would take a list of the values in their order as well.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Reads a value from a JSON object and from nothing else. For a field: `#[serde(deserialize_with = "object")]`.
///
/// # Errors
/// When it is anything else, or the value's own.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    from.deserialize_map(Object(PhantomData))
}

/// A whole body.
pub(crate) struct Whole<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        object(from).map(Self)
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Toy {
        name: String,
        #[serde(deserialize_with = "object")]
        case: Case,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Case {
        lid: bool,
    }

    #[test]
    fn lm_22_a_list_of_the_values_is_no_object() {
        let read = |text| {
            serde_json::from_str::<Whole<Toy>>(text).map(|Whole(toy)| toy).map_err(|error| error.to_string())
        };
        let toy = Toy { name: "ball".into(), case: Case { lid: true } };
        assert_eq!(read(r#"{"name":"ball","case":{"lid":true}}"#).unwrap(), toy);
        for list in [r#"["ball",{"lid":true}]"#, "[]", r#"{"name":"ball","case":[true]}"#] {
            let said = read(list).unwrap_err();
            assert!(said.starts_with("invalid type: sequence, expected an object"), "{said}");
        }
    }
}
