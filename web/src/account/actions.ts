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
  "user.signed_up": "Signed up",
  "user.invited": "Invited a person",
  "invite.withdrawn": "Took an invitation back",
  "account.locked": "Account locked: too many wrong passwords",
  "account.unlocked": "Account unlocked by a link",
  "password.link_made": "Made a link for a new password",
  "mail.link_taken": "Took the link out of a letter",
};

export function actionText(action: string): string {
  const known = TEXTS[action];
  if (known !== undefined) return known;
  const words = action.replace(/[._-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
