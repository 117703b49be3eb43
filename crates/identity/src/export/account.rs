//! What identity itself keeps of a person. Digests and sealed values stay: they tell nothing to anybody but the house.

use serde_json::{Value, json};
use stoa_core::{Result, Scopes};
use stoa_edge::{Files, put_document, put_list};
use stoa_store::Ctx;

use crate::{audit, devices, factors, mail, oauth::grants, passkeys, people, sessions, tokens, upstream};

/// The folder.
pub(super) const NAME: &str = "account";
/// What is in it.
pub(super) const ABOUT: &str = "Your account: who you are here, where you are signed in, what you let act for you, letters \
                                to you, and what was done. Passwords and keys are not in it: only their digests are kept.";

/// Puts it all.
pub(super) async fn export(ctx: &Ctx, files: &mut dyn Files) -> Result<()> {
    let (id, reads) = (ctx.actor.user(Scopes::NONE)?.id, ctx.db.reads());
    let person = people::store::find(&reads, id).await?.ok_or_else(people::ops::nobody)?;
    let totp = factors::store::totp(&reads, id).await?.and_then(|row| row.confirmed_at);
    let codes = factors::store::count_codes(&reads, id).await?;
    let last_seen_at = person.last_seen_at;
    let account = json!({
        "account": person.user()?, "last_seen_at": last_seen_at, "totp_since": totp, "backup_codes": codes,
    });
    put_document(files, "account.json", &account).await?;
    let sessions: Vec<Value> = sessions::store::all(&reads, id).await?.iter().map(session).collect();
    put_document(files, "sessions.json", &sessions).await?;
    let devices = devices::store::all(&reads, id).await?.into_iter();
    let devices: Vec<Value> =
        devices.map(|(kind, since)| json!({ "kind": kind, "first_seen_at": since })).collect();
    put_document(files, "devices.json", &devices).await?;
    let passkeys: Vec<passkeys::model::Passkey> =
        passkeys::store::all(&reads, id).await?.into_iter().map(Into::into).collect();
    put_document(files, "passkeys.json", &passkeys).await?;
    let upstreams: Vec<Value> = upstream::store::all(&reads, id).await?.iter().map(elsewhere).collect();
    put_document(files, "upstreams.json", &upstreams).await?;
    put_list(files, "tokens.json", |page| async move {
        let rows = page.cut(tokens::store::list(&ctx.db.reads(), id, &page).await?, |row| row.id);
        Ok(rows.map(tokens::model::Token::from))
    })
    .await?;
    put_list(files, "connections.json", |page| grants::ops::list_of(ctx, id, page)).await?;
    put_list(files, "letters.json", |page| mail::ops::list_to(ctx, id, page)).await?;
    put_list(files, "activity.json", |page| audit::ops::of(ctx, id, page)).await
}

/// A session as its holder may see it.
fn session(row: &sessions::store::Model) -> Value {
    json!({
        "id": row.id, "user_agent": row.user_agent, "ip": row.ip, "methods": row.methods,
        "created_at": row.created_at, "last_seen_at": row.last_seen_at, "expires_at": row.expires_at,
    })
}

/// Who they are at another provider of identities.
fn elsewhere(row: &upstream::store::Model) -> Value {
    json!({
        "id": row.id, "issuer": row.issuer, "subject": row.subject, "account": row.account,
        "created_at": row.created_at, "last_used_at": row.last_used_at,
    })
}
