//! What the owner of a locked account is told.

use stoa_core::Timestamp;

use crate::{
    knocks::model::Knock,
    mail::model::{Letter, Page, To, moment},
    people::store::Model,
};

/// Somebody tried too often.
pub(super) fn locked(person: &Model, knock: &Knock, until: Timestamp, link: String) -> Letter {
    let (name, at, place, until_said) =
        (&person.display_name, moment(knock.at), knock.place(), moment(until));
    let text = format!(
        "Hello {name},\n\n\
         there were too many wrong passwords for your account. The last try came at {at} from {place}.\n\
         Until {until_said} nobody can sign in with its password; where you are signed in already, nothing changes.\n\n\
         If it was you, this link lets you try again at once. It works once:\n\n{{link}}\n\n\
         If it was not you, there is nothing to do: nobody got in. Is the password used elsewhere too? Then choose \
         another one.\n"
    );
    let to = To::Address { shown: person.email.clone(), user: Some(person.id) };
    Letter::about_account(to, "Your account is locked for a while", text).with_link(Page::Unlock, link, until)
}
