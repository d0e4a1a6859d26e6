/** A token with which a device pairs: as text, and as a code that the device can scan. */

import { useState } from "react";

import type { Client } from "../../api/client.ts";
import type { TokenShown } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { Dialog } from "../../shell/Dialog.tsx";
import { DialogForm } from "../../shell/DialogForm.tsx";
import { dateText } from "./moment.tsx";
import { Choice } from "./parts.tsx";

const LIFETIMES = [
  ["900", "devices.minutes15"],
  ["3600", "devices.hour1"],
  ["86400", "devices.day1"],
  ["604800", "devices.days7"],
] as const;

export function TokenDialog({ client, device, onClose }: { client: Client; device: string; onClose: () => void }) {
  const { t, language } = useTexts();
  const [lifetime, setLifetime] = useState("900");
  const [token, setToken] = useState<TokenShown | null>(null);

  const issue = (): Promise<void> =>
    client
      .post<TokenShown>(`/iiot/devices/${encodeURIComponent(device)}/token`, { expires_in: Number(lifetime) })
      .then(setToken);

  return (
    <Dialog title={t("devices.tokenFor", { device })} onClose={onClose}>
      {token === null ? (
        <DialogForm action={t("devices.makeToken")} onSave={issue} onClose={onClose}>
          <p>{t("devices.tokenAbout")}</p>
          <Choice
            label={t("devices.lifetime")}
            value={lifetime}
            options={LIFETIMES.map(([value, text]) => ({ value, text: t(text) }))}
            onChange={setLifetime}
          />
        </DialogForm>
      ) : (
        <div className="token">
          <img src={token.qr} alt={t("devices.qr")} />
          <code>{token.token}</code>
          <p className="quiet">{t("devices.tokenUntil", { serial: token.serial, until: dateText(token.expires_at, language) })}</p>
          <button
            type="button"
            onClick={() => {
              // Where the page has no clipboard (plain HTTP), the text can still be selected.
              void (navigator.clipboard as Clipboard | undefined)?.writeText(token.token);
            }}
          >
            {t("devices.copy")}
          </button>
        </div>
      )}
    </Dialog>
  );
}
