/** Who are you? A user with a password, or somebody with a token. */

import "../forms/forms.css";

import { useId, useState } from "react";

import type { Client } from "../api/client.ts";
import { useTexts } from "../i18n/texts.tsx";
import { sentence } from "../model/refusal.ts";

export interface SignInProps {
  readonly client: Client;
  /** Whether there are users; else only a token leads in. */
  readonly hasUsers: boolean;
  /** What happened before, if anything. */
  readonly reason?: string;
  readonly onSignedIn: () => void;
}

export function SignIn({ client, hasUsers, reason = "", onSignedIn }: SignInProps) {
  const { t } = useTexts();
  const [isByToken, setByToken] = useState(!hasUsers);
  const [user, setUser] = useState("");
  const [secret, setSecret] = useState("");
  const [refusal, setRefusal] = useState("");
  const [isBusy, setBusy] = useState(false);
  const id = useId();

  const signIn = (): void => {
    setBusy(true);
    client
      .post("/session", isByToken ? { token: secret } : { user, password: secret })
      .then(onSignedIn)
      .catch((error: unknown) => {
        setRefusal(sentence(error));
        setBusy(false);
      });
  };

  return (
    <form
      className="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        signIn();
      }}
    >
      <h1>flowengine</h1>
      {reason !== "" && <p className="quiet">{reason}</p>}
      {!isByToken && (
        <div className="field">
          <label htmlFor={`${id}-user`}>{t("signin.user")}</label>
          <input
            id={`${id}-user`}
            type="text"
            autoComplete="username"
            autoCapitalize="none"
            required
            value={user}
            onChange={(event) => {
              setUser(event.target.value);
            }}
          />
        </div>
      )}
      <div className="field">
        <label htmlFor={`${id}-secret`}>{t(isByToken ? "signin.token" : "signin.password")}</label>
        <input
          id={`${id}-secret`}
          type="password"
          autoComplete={isByToken ? "off" : "current-password"}
          required
          value={secret}
          aria-invalid={refusal !== ""}
          aria-describedby={refusal === "" ? undefined : `${id}-refusal`}
          onChange={(event) => {
            setSecret(event.target.value);
          }}
        />
        {refusal !== "" && (
          <p className="field-problem" id={`${id}-refusal`} role="alert">
            {refusal}
          </p>
        )}
      </div>
      <button type="submit" className="primary" disabled={isBusy}>
        {t("signin.button")}
      </button>
      {hasUsers && (
        <button
          type="button"
          className="icon-button"
          onClick={() => {
            setByToken(!isByToken);
            setSecret("");
            setRefusal("");
          }}
        >
          {t(isByToken ? "signin.withPassword" : "signin.withToken")}
        </button>
      )}
    </form>
  );
}
