import {
  type AuthProvider,
  GoogleAuthProvider,
  OAuthProvider,
  SAMLAuthProvider,
} from "firebase/auth";
import type { Way } from "../setup";

const GOOGLE = "google.com";

/** The provider behind an id of Firebase Authentication. */
export function providerOf(id: string): AuthProvider {
  if (id === GOOGLE) {
    const provider = new GoogleAuthProvider();
    return provider.setCustomParameters({ prompt: "select_account" });
  }
  return id.startsWith("saml.") ? new SAMLAuthProvider(id) : new OAuthProvider(id);
}

/** What a way to sign in is called: by who runs it, else by what it is. */
export function nameOfWay(id: string, ways: Way[]): string {
  const label = ways.find((way) => way.id === id)?.label;
  return label ?? (id === GOOGLE ? "Google" : id.replace(/^(saml|oidc)\./, ""));
}
