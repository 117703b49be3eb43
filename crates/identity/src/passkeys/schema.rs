//! What browsers and passkeys say to each other, for the document: objects as the specification makes them, handed on
//! as they are (WebAuthn §5.1.8).

use serde_json::{Value, json};
use utoipa::openapi::{
    Object, ObjectBuilder,
    schema::{SchemaType, Type},
};

fn object(description: &str, example: Value) -> Object {
    ObjectBuilder::new().schema_type(Type::Object).description(Some(description)).examples([example]).build()
}

/// What a browser is asked for when a passkey is made.
pub(crate) fn creation_options() -> Object {
    object(
        "For `PublicKeyCredential.parseCreationOptionsFromJSON`.",
        json!({
            "challenge": "vHcPDF6Y3fxAR5qFYv9dRSv7B1F6jVh7m0n5QOqkYgE",
            "rp": { "id": "stoa.example", "name": "Stoa" },
        }),
    )
}

/// What a browser is asked for when a passkey is used.
pub(crate) fn request_options() -> Object {
    object(
        "For `PublicKeyCredential.parseRequestOptionsFromJSON`.",
        json!({
            "challenge": "vHcPDF6Y3fxAR5qFYv9dRSv7B1F6jVh7m0n5QOqkYgE",
            "rpId": "stoa.example",
            "allowCredentials": [],
            "userVerification": "required",
        }),
    )
}

/// What a browser says of a new passkey.
pub(crate) fn registration() -> Object {
    object(
        "What `PublicKeyCredential.toJSON()` says of it.",
        json!({
            "id": "sl4KNpgb", "rawId": "sl4KNpgb", "type": "public-key",
            "response": { "clientDataJSON": "eyJ0eXBlIjoi", "attestationObject": "o2NmbXRk" },
        }),
    )
}

/// What a browser says of a passkey that was used.
pub(crate) fn assertion() -> Object {
    object(
        "What `PublicKeyCredential.toJSON()` says, to the challenge of the ticket.",
        json!({
            "id": "sl4KNpgb", "rawId": "sl4KNpgb", "type": "public-key",
            "response": {
                "clientDataJSON": "eyJ0eXBlIjoi", "authenticatorData": "SZYN5YgO", "signature": "MEUCIQDx",
            },
        }),
    )
}

/// The same where it may be missing.
pub(crate) fn maybe_assertion() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(
            "With a passkey: what `PublicKeyCredential.toJSON()` says, to the challenge of the ticket.",
        ))
        .examples([Value::Null])
        .build()
}
