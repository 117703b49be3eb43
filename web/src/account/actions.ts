// Audit actions in plain words. One that is not named here is shown as the server calls it.

const TEXTS: Record<string, string> = {
  setup: "Server set up",
  login: "Signed in",
  login_failed: "Sign-in failed",
  logout: "Signed out",
  session_revoked: "Session ended",
  sessions_revoked: "All other sessions ended",
  token_created: "Access token made",
  token_revoked: "Access token revoked",
  user_created: "Person added",
  user_updated: "Person changed",
  profile_updated: "Profile changed",
};

export function actionText(action: string): string {
  const known = TEXTS[action.replace(/[.\s-]/g, "_")];
  if (known !== undefined) return known;
  const words = action.replace(/[._-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
