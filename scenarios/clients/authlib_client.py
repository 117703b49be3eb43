"""Signs in with Authlib: a client that shows who it is by its key, the code flow with PKCE, the ID token by OpenID Connect's
rules. A line out is what it needs from the person, or what it saw; a line in what the person's browser brought back."""

import json
import secrets
import sys
import time

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet


class Shows(PrivateKeyJWT):
    """Assertions for a minute. Those of Authlib last an hour if nobody says otherwise: longer than the server takes them."""

    def __call__(self, *asked):
        self.claims = {"exp": int(time.time()) + 60}
        return super().__call__(*asked)


BACK = "https://client.example/callback"


def says(said) -> None:
    print(json.dumps(said), flush=True)


def main(issuer: str) -> None:
    server = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=60).json()
    key = ECKey.generate_key("P-256", {"kid": "story", "alg": "ES256", "use": "sig"})
    registration = {
        "client_name": "Story",
        "redirect_uris": [BACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "grant_types": ["authorization_code", "refresh_token"],
    }
    made = requests.post(server["registration_endpoint"], json=registration, timeout=60).json()

    def session(kind: type, audience: str) -> OAuth2Session:
        # Authlib calls it the token endpoint; what it does with it is to name it as the audience.
        shows = kind(audience, alg="ES256", headers={"kid": "story"})
        return OAuth2Session(
            made["client_id"],
            key,
            token_endpoint_auth_method=shows,
            revocation_endpoint_auth_method=shows,
            scope="openid profile email tasks:read offline_access",
            redirect_uri=BACK,
            code_challenge_method="S256",
        )

    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    client = session(Shows, issuer)
    address, state = client.create_authorization_url(
        server["authorization_endpoint"], code_verifier=verifier, nonce=nonce, resource=f"{issuer}/api/v1"
    )
    says({"open": address})
    back = sys.stdin.readline().strip()
    asked = {"authorization_response": back, "code_verifier": verifier, "state": state}
    # An assertion for the token endpoint could be one that another server asked for: only the issuer is us.
    refused = []
    for kind, audience in [(Shows, server["token_endpoint"]), (PrivateKeyJWT, issuer)]:
        try:
            session(kind, audience).fetch_token(server["token_endpoint"], **asked)
        except OAuthError as error:
            refused.append([error.error, error.description])
    token = client.fetch_token(server["token_endpoint"], **asked)
    keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=60).json())
    read = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    claims = CodeIDToken(
        read.claims,
        read.header,
        options={"iss": {"value": issuer}, "aud": {"value": made["client_id"]}, "nonce": {"value": nonce}},
        params={"nonce": nonce, "client_id": made["client_id"], "access_token": token["access_token"]},
    )
    claims.validate()
    person = client.get(server["userinfo_endpoint"], timeout=60).json()
    tasks = client.get(f"{issuer}/api/v1/tasks", timeout=60)
    second = client.refresh_token(server["token_endpoint"], token["refresh_token"])
    client.revoke_token(server["revocation_endpoint"], second["refresh_token"])
    after = requests.get(
        f"{issuer}/api/v1/tasks", headers={"authorization": f"Bearer {second['access_token']}"}, timeout=60
    )
    says({
        "sub": claims["sub"],
        "same": person["sub"] == claims["sub"],
        "email": person["email"],
        "refused": refused,
        "tasks": tasks.status_code,
        "rotated": second["refresh_token"] != token["refresh_token"],
        "after": after.status_code,
    })


main(*sys.argv[1:])
