//! What somebody who is invited is told.

use url::Url;

use super::{model::LASTS, store::Model};
use crate::mail::model::{Letter, Page, To, lasting};

/// You are invited. It goes to somebody who never asked for it: it names the one who did, by the address they are known
/// by here, and nothing that they could have chosen to say.
pub(super) fn invited(invite: &Model, address: &str, by: Option<&str>, house: &Url) -> Letter {
    let (by, lasts) = (by.unwrap_or("whoever looks after it"), lasting(LASTS));
    let house = house.as_str().trim_end_matches('/');
    let text = format!(
        "Hello,\n\n\
         {by} invites you to Stoa at {house}.\n\n\
         Make your account on this page. The link works once, for {lasts}:\n\n{{link}}\n\n\
         If you do not know what this is about, there is nothing to do: without the link there will be no account.\n"
    );
    let to = To::Address { shown: address.to_owned(), user: None };
    Letter::about_account(to, "You are invited to Stoa", text).with_link(
        Page::Invite,
        invite.id.to_string(),
        invite.expires_at,
    )
}
