//! What those who sign up are told. To an address that nobody has shown to be theirs no word goes that a stranger
//! chose: not even a name.

use stoa_core::Timestamp;

use super::{model::WAITS, store::Model};
use crate::{
    knocks::model::Knock,
    mail::model::{Letter, Page, To, lasting, moment},
    people,
};

/// Show that the address is yours.
pub(super) fn verify(signup: &Model, asked: &Knock) -> Letter {
    let (at, place, lasts) = (moment(asked.at), asked.place(), lasting(WAITS));
    let text = format!(
        "Hello,\n\n\
         somebody asked for an account with this address, at {at} from {place}.\n\n\
         If it was you, open this page. The link works once, and for {lasts} after you signed up:\n\n{{link}}\n\n\
         If it was not you, there is nothing to do: without the link there will be no account.\n"
    );
    let to = To::Address { shown: signup.email.clone(), user: None };
    let until: Timestamp = signup.expires_at;
    Letter::about_account(to, "Confirm your address", text).with_link(
        Page::Verify,
        signup.id.to_string(),
        until,
    )
}

/// You have an account already.
pub(super) fn known(person: &people::store::Model, at: Timestamp, place: &str) -> Letter {
    let (name, at) = (&person.display_name, moment(at));
    let text = format!(
        "Hello {name},\n\n\
         somebody asked for a new account with your address, at {at} from {place}. You have one already: sign in \
         with it. If you forgot its password, the sign-in page lets you choose another one.\n\n\
         If it was not you, there is nothing to do: nothing has changed, and they were not told that you are here.\n"
    );
    let to = To::Address { shown: person.email.clone(), user: Some(person.id) };
    Letter::about_account(to, "You have an account already", text)
}
