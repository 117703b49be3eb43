//! What the owner of an account is told whose codes are locked.

use stoa_core::Timestamp;
use stoa_store::Ctx;

use crate::{
    mail::model::{Letter, To, moment},
    people::store::Model,
};

/// Codes were tried too often. Whoever tries them has the password already, or sits at a browser that is signed in.
pub(super) fn locked(ctx: &Ctx, person: &Model, until: Timestamp) -> Letter {
    let (name, at, until) = (&person.display_name, moment(ctx.now()), moment(until));
    let place = ctx.address.map_or_else(String::new, |ip| format!(" from the address {ip}"));
    let text = format!(
        "Hello {name},\n\n\
         there were too many wrong codes for the second step of your account. The last try came at {at}{place}.\n\
         Until {until} no code is taken; a passkey still is.\n\n\
         If it was you, wait until then.\n\n\
         If it was not you, somebody knows your password: nobody got in, but choose a new one at once with \"Forgot the \
         password?\" on the sign-in page.\n"
    );
    let to = To::Address { shown: person.email.clone(), user: Some(person.id) };
    Letter::about_account(to, "Too many wrong codes for your account", text)
}
