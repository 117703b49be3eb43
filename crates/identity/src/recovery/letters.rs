//! What somebody who lost a password is told.

use stoa_core::Timestamp;
use stoa_store::Ctx;

use super::ops::LASTS;
use crate::{
    knocks::model::Knock,
    mail::model::{Letter, Page, To, lasting, moment},
    people::store::Model,
};

fn to(person: &Model) -> To {
    To::Address { shown: person.email.clone(), user: Some(person.id) }
}

/// Choose a new password.
pub(super) fn forgot(person: &Model, asked: &Knock, value: String, until: Timestamp) -> Letter {
    let (name, at, place, lasts) = (&person.display_name, moment(asked.at), asked.place(), lasting(LASTS));
    let text = format!(
        "Hello {name},\n\n\
         somebody asked for a new password for your account, at {at} from {place}.\n\n\
         If it was you, choose one on this page. The link works once, for {lasts}:\n\n{{link}}\n\n\
         If it was not you, there is nothing to do: your password stays as it is.\n"
    );
    Letter::about_account(to(person), "Choose a new password", text).with_link(Page::Reset, value, until)
}

/// The password is another one now.
pub(crate) fn changed(ctx: &Ctx, person: &Model) -> Letter {
    let (name, at) = (&person.display_name, moment(ctx.now()));
    let place = ctx.address.map_or_else(
        || "on the machine that the server runs on".to_owned(),
        |ip| format!("from the address {ip}"),
    );
    let text = format!(
        "Hello {name},\n\n\
         the password of your account was changed at {at}, {place}. Every other browser is signed out.\n\n\
         If it was you, there is nothing to do.\n\n\
         If it was not you, choose a new password at once with \"Forgot the password?\" on the sign-in page, and tell \
         whoever looks after this server.\n"
    );
    Letter::about_account(to(person), "Your password was changed", text)
}
