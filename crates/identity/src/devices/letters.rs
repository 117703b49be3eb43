//! What somebody is told who signs in with something new.

use stoa_store::Ctx;

use crate::{
    mail::model::{Letter, To, moment},
    people::store::Model,
};

/// A kind of browser that the account has not been used with before.
pub(super) fn new(ctx: &Ctx, person: &Model, family: &str) -> Letter {
    let (name, at) = (&person.display_name, moment(ctx.now()));
    let place = ctx.address.map_or_else(String::new, |ip| format!(", from the address {ip}"));
    let text = format!(
        "Hello {name},\n\n\
         somebody signed in to your account with {family}, at {at}{place}. It had not been used with that before.\n\n\
         If it was you, there is nothing to do.\n\n\
         If it was not you, choose a new password at once with \"Forgot the password?\" on the sign-in page: that signs \
         out every browser.\n"
    );
    let to = To::Address { shown: person.email.clone(), user: Some(person.id) };
    Letter::about_account(to, "A new device was signed in", text)
}
