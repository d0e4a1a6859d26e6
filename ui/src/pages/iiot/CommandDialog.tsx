/** A command is sent to a device: one of the actions that its profile knows, with parameters. */

import { useCallback, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { CommandDetail, DeviceSummary, ProfileDetail } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { textOf } from "../../forms/schema.ts";
import { isObject, type JsonObject } from "../../model/json.ts";
import { Dialog } from "../../shell/Dialog.tsx";
import { sentence, useLoad } from "./load.ts";
import { Choice, Refusal, TextField } from "./parts.tsx";

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
  const profile = useLoad(read).value;
  const actions = Object.entries(profile?.actions ?? {});
  const [chosen, setAction] = useState("");
  const [typed, setTyped] = useState<string | null>(null);
  const [refusal, setRefusal] = useState("");
  const action = chosen === "" ? (actions[0]?.[0] ?? "") : chosen;
  const known: unknown = profile?.actions[action];
  const about = isObject(known) && typeof known["description"] === "string" ? known["description"] : "";
  const schema = isObject(known) && isObject(known["params"]) ? known["params"] : null;
  const params = typed ?? JSON.stringify(exampleOf(schema), null, 2);

  const send = (): void => {
    let value: unknown;
    try {
      value = JSON.parse(params === "" ? "{}" : params);
    } catch (error) {
      setRefusal(t("commands.notJson", { reason: sentence(error) }));
      return;
    }
    client
      .post<CommandDetail>("/iiot/commands", { device: device.id, action, params: value })
      .then(() => {
        onSent();
        onClose();
      })
      .catch((error: unknown) => {
        setRefusal(sentence(error));
      });
  };

  return (
    <Dialog title={t("commands.sendTo", { device: device.id })} onClose={onClose}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <div className="dialog-body">
          {actions.length > 0 ? (
            <Choice
              label={t("commands.action")}
              value={action}
              isRequired
              options={actions.map(([name]) => ({ value: name, text: name }))}
              onChange={(name) => {
                setAction(name);
                setTyped(null);
              }}
            />
          ) : (
            <TextField label={t("commands.action")} value={action} isRequired onChange={setAction} />
          )}
          {about !== "" && <p className="field-about">{about}</p>}
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
          {schema !== null && (
            <details>
              <summary>{t("commands.schema")}</summary>
              <pre className="payload">{JSON.stringify(schema, null, 2)}</pre>
            </details>
          )}
          {device.online !== true && <p className="field-about">{t("commands.waits")}</p>}
          <Refusal text={refusal} />
        </div>
        <footer>
          <button type="button" onClick={onClose}>
            {t("dialog.cancel")}
          </button>
          <button type="submit" className="primary">
            {t("commands.send")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** The first example of the parameters; else an object with what must be in it. */
function exampleOf(schema: JsonObject | null): unknown {
  const examples = schema?.["examples"];
  if (Array.isArray(examples) && examples.length > 0) {
    return examples[0];
  }
  const required = schema?.["required"];
  const properties = schema?.["properties"];
  const names = Array.isArray(required) ? required.map(String) : [];
  return Object.fromEntries(names.map((name) => [name, blankOf(isObject(properties) ? properties[name] : undefined)]));
}

function blankOf(property: unknown): unknown {
  if (!isObject(property)) {
    return null;
  }
  const [choice] = Array.isArray(property["enum"]) ? property["enum"] : [];
  const blanks: Record<string, unknown> = { number: 0, integer: 0, boolean: false, string: "", array: [], object: {} };
  return property["default"] ?? choice ?? blanks[textOf(property["type"])] ?? null;
}
