/** A command is sent to a device: one of the actions that its profile knows, with parameters. */

import { useCallback, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { CommandDetail, DeviceSummary, ProfileDetail } from "../../api/schema.ts";
import { Form } from "../../forms/Form.tsx";
import { exampleOf, forForm, isFormable } from "../../forms/params.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { isObject, type Json, type JsonObject } from "../../model/json.ts";
import { sentence } from "../../model/refusal.ts";
import { Dialog } from "../../shell/Dialog.tsx";
import { DialogForm } from "../../shell/DialogForm.tsx";
import { useLoad } from "./load.ts";
import { Choice, TextField } from "./parts.tsx";

export interface CommandDialogProps {
  readonly client: Client;
  readonly device: DeviceSummary;
  readonly onSent: () => void;
  readonly onClose: () => void;
}

export function CommandDialog({ client, device, onSent, onClose }: CommandDialogProps) {
  const { t } = useTexts();
  const read = useCallback(
    () => client.get<ProfileDetail>(`/iiot/profiles/${encodeURIComponent(device.profile)}`),
    [client, device.profile],
  );
  const { value: profile, failure } = useLoad(read);
  // A profile that is away does not keep anybody from sending what the device knows.
  const isKnown = profile !== undefined || failure !== "";
  const actions = Object.entries(profile?.actions ?? {});
  const [chosen, setAction] = useState("");
  const [typed, setTyped] = useState<string | null>(null);
  const [asJson, setAsJson] = useState(false);
  const action = chosen === "" ? (actions[0]?.[0] ?? "") : chosen;
  const known: unknown = profile?.actions[action];
  const about = isObject(known) && typeof known["description"] === "string" ? known["description"] : "";
  const schema = isObject(known) && isObject(known["params"]) ? known["params"] : null;
  const params = typed ?? JSON.stringify(exampleOf(schema), null, 2);
  const asObject = objectOf(params);
  const hasForm = schema !== null && isFormable(schema);
  const isForm = hasForm && !asJson && asObject !== null;
  const takesNone = schema !== null && isObject(schema["properties"]) && Object.keys(schema["properties"]).length === 0;

  const send = async (): Promise<void> => {
    let value: unknown;
    try {
      value = JSON.parse(params === "" ? "{}" : params);
    } catch (error) {
      throw new Error(t("commands.notJson", { reason: sentence(error) }), { cause: error });
    }
    await client.post<CommandDetail>("/iiot/commands", { device: device.id, action, params: value });
    onSent();
    onClose();
  };

  return (
    <Dialog title={t("commands.sendTo", { device: device.id })} onClose={onClose}>
      <DialogForm action={t("commands.send")} isReady={isKnown} onSave={send} onClose={onClose}>
        {isKnown && (
          <>
            {actions.length > 0 ? (
              <Choice
                label={t("commands.action")}
                value={action}
                isRequired
                isFirst
                options={actions.map(([name]) => ({ value: name, text: name }))}
                onChange={(name) => {
                  setAction(name);
                  setTyped(null);
                }}
              />
            ) : (
              <TextField label={t("commands.action")} value={action} isRequired isFirst onChange={setAction} />
            )}
            {about !== "" && <p className="field-about">{about}</p>}
            {takesNone && <p className="quiet">{t("commands.noParams")}</p>}
            {isForm && (
              <Form
                key={action}
                schema={forForm(schema)}
                value={asObject}
                problems={[]}
                onChange={(changed) => {
                  setTyped(JSON.stringify(changed, null, 2));
                }}
              />
            )}
            {!isForm && !takesNone && (
              <div className="field">
                <label htmlFor="command-params">{t("commands.params")}</label>
                <textarea
                  id="command-params"
                  className="code"
                  rows={6}
                  spellCheck={false}
                  value={params}
                  onChange={(event) => {
                    setTyped(event.target.value);
                  }}
                />
              </div>
            )}
            {hasForm && (
              <button
                type="button"
                className="switch-form"
                disabled={asJson && asObject === null}
                onClick={() => {
                  setAsJson(!asJson);
                }}
              >
                {asJson ? t("commands.asForm") : t("commands.asJson")}
              </button>
            )}
            {schema !== null && !isForm && !takesNone && (
              <details>
                <summary>{t("commands.schema")}</summary>
                <pre className="payload">{JSON.stringify(schema, null, 2)}</pre>
              </details>
            )}
            {device.online !== true && <p className="field-about">{t("commands.waits")}</p>}
          </>
        )}
      </DialogForm>
    </Dialog>
  );
}

function objectOf(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
