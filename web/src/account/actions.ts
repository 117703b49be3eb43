// Audit actions in plain words. One that is not named here is shown as the server calls it.

const TEXTS: Record<string, string> = {
  setup: "Became the owner of this server",
  login: "Signed in",
  "login.failed": "Sign-in refused",
  logout: "Signed out",
  "session.revoked": "Ended a session",
  "session.others_revoked": "Ended all other sessions",
  "token.added": "Made an access token",
  "token.revoked": "Revoked an access token",
  "password.changed": "Changed the password",
  "password.reset": "New password by a link or by someone else",
  "user.renamed": "Changed the name",
  "user.added": "Account made",
  "user.role_changed": "Role changed",
  "user.disabled": "Account disabled",
  "user.enabled": "Account enabled",
  "client.registered": "A program registered itself",
  "client.added": "Added an application",
  "client.removed": "An application was removed",
  "connection.allowed": "Connected an application",
  "connection.denied": "Did not connect an application",
  "connection.revoked": "Disconnected an application",
  "grant.revoked": "An application signed itself out",
  "code.replayed": "A stolen code was stopped",
  "refresh_token.replayed": "A stolen token was stopped",
  "token.exchanged": "An agent was let act for you",
  "oauth.refused": "An application was refused",
  "login.confirmed": "Confirmed who they are",
  "mfa.failed": "Wrong code for the second step",
  "mfa.locked": "Too many wrong codes: locked for a while",
  "mfa.reset": "Second step taken away",
  "totp.added": "Set up an authenticator app",
  "totp.removed": "Removed the authenticator app",
  "backup_codes.made": "Made new backup codes",
  "backup_code.used": "Used a backup code",
  "passkey.added": "Added a passkey",
  "passkey.removed": "Removed a passkey",
  "passkey.suspect": "Refused a passkey that may have been copied",
  "user.signed_up": "Signed up",
  "user.invited": "Invited a person",
  "invite.withdrawn": "Took an invitation back",
  "account.locked": "Account locked: too many wrong passwords",
  "account.unlocked": "Account unlocked by a link",
  "password.link_made": "Made a link for a new password",
  "account.export_asked": "Asked for an export of their data",
  "account.erasure_asked": "Asked to be erased",
  "account.erasure_cancelled": "Stays after all",
  "account.erased": "Account erased",
  "mail.link_taken": "Took the link out of a letter",
};

export function actionText(action: string): string {
  const known = TEXTS[action];
  if (known !== undefined) return known;
  const words = action.replace(/[._-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
