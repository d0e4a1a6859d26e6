import { useState } from "react";

import { useTexts } from "../i18n/texts.tsx";

export function SignIn({ isWrong, onToken }: { isWrong: boolean; onToken: (token: string) => void }) {
  const { t } = useTexts();
  const [token, setToken] = useState("");
  return (
    <form
      className="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        onToken(token);
      }}
    >
      <h1>flowengine</h1>
      <div className="field">
        <label htmlFor="token">{t("signin.token")}</label>
        <input
          id="token"
          type="password"
          autoComplete="current-password"
          value={token}
          aria-invalid={isWrong}
          onChange={(event) => {
            setToken(event.target.value);
          }}
        />
        {isWrong && <p className="field-problem is-error">{t("signin.wrong")}</p>}
      </div>
      <button type="submit" className="primary">
        {t("signin.button")}
      </button>
    </form>
  );
}
