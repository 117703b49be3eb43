//! What somebody is told whose account was linked, or is no more.

use stoa_store::Ctx;

use crate::{
    mail::model::{Letter, To, moment},
    people::store::Model,
};

/// From now on an account elsewhere opens theirs.
pub(super) fn linked(ctx: &Ctx, person: &Model, label: &str) -> Letter {
    let happened = format!("{label} was linked to your account: whoever can sign in there can sign in here");
    let undo = "remove the link in Settings, Security, and choose a new password";
    about(ctx, person, "A way to sign in was added to your account", &happened, undo)
}

/// It does no more.
pub(super) fn unlinked(ctx: &Ctx, person: &Model, label: &str) -> Letter {
    let happened =
        format!("the link of your account with {label} was removed: one does not sign in with it any more");
    let undo = "choose a new password at once with \"Forgot the password?\" on the sign-in page";
    about(ctx, person, "A way to sign in was removed from your account", &happened, undo)
}

fn about(ctx: &Ctx, person: &Model, subject: &str, happened: &str, undo: &str) -> Letter {
    let (name, at) = (&person.display_name, moment(ctx.now()));
    let place = ctx.address.map_or_else(String::new, |ip| format!(", from the address {ip}"));
    let text = format!(
        "Hello {name},\n\n\
         {happened}. It was done at {at}{place}.\n\n\
         If it was you, there is nothing to do.\n\n\
         If it was not you, {undo}.\n"
    );
    let to = To::Address { shown: person.email.clone(), user: Some(person.id) };
    Letter::about_account(to, subject, text)
}
