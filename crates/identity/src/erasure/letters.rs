//! What somebody is told who asked to be erased, or whose browser did.

use stoa_core::Timestamp;

use crate::{
    mail::model::{Letter, To, moment},
    people::store::Model,
};

/// The account will be erased.
pub(super) fn asked(person: &Model, at: Timestamp) -> Letter {
    let (name, at) = (&person.display_name, moment(at));
    let text = format!(
        "Hello {name},\n\n\
         somebody who proved to be you asked to erase your account. At {at} it is removed with everything that is kept of \
         you. That cannot be undone.\n\n\
         Until then you can sign in and take it back under Settings, Your data. There you can also download what is kept \
         of you.\n\n\
         If it was not you, sign in, take it back, and choose a new password at once.\n"
    );
    let to = To::Address { shown: person.email.clone(), user: Some(person.id) };
    Letter::about_account(to, "Your account will be erased", text)
}
