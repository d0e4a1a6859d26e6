/** A config node is made or changed where it is needed. */

import { useState } from "react";

import type { Problem, ResourceDocument, Tried } from "../api/schema.ts";
import { Form } from "../forms/Form.tsx";
import { useSaid } from "../i18n/said.ts";
import { useTexts, type Translate } from "../i18n/texts.tsx";
import type { EngineTexts } from "../model/engine_texts.ts";
import { isObject, type JsonObject } from "../model/json.ts";
import { freeId, idFrom } from "../model/naming.ts";
import type { Project } from "../model/project.ts";
import { sentence } from "../model/refusal.ts";
import { Dialog } from "../shell/Dialog.tsx";
import { DialogForm } from "../shell/DialogForm.tsx";
import { Refusal } from "../shell/Refusal.tsx";

export interface ResourceDialogProps {
  readonly project: Project;
  /** The config node to change; `null` for a new one. */
  readonly id: string | null;
  /** Node types it may have. */
  readonly types: readonly string[];
  readonly onSaved: (id: string) => void;
  readonly onClose: () => void;
}

export function ResourceDialog({ project, id, types, onSaved, onClose }: ResourceDialogProps) {
  const { t } = useTexts();
  const said = useSaid();
  const known = id === null ? undefined : project.resources.all[id];
  const kinds = types.length > 0 ? types : project.palette.types.filter((one) => one.is_resource).map((one) => one.name);
  const [type, setType] = useState(known?.type ?? kinds[0] ?? "");
  const [name, setName] = useState(known?.name ?? "");
  const [config, setConfig] = useState<JsonObject>(isObject(known?.config) ? known.config : {});
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [refusal, setRefusal] = useState("");
  const [trial, setTrial] = useState<{ isOn: boolean; tried: Tried | null }>({ isOn: false, tried: null });
  const { isReadOnly } = project;
  const declared = project.types.get(type);

  const save = async (): Promise<void> => {
    const wanted = id ?? freeId(idFrom(name === "" ? type : name), new Set(Object.keys(project.resources.all)));
    const document: ResourceDocument = {
      ...known,
      type,
      ...(name === "" ? {} : { name }),
      ...(Object.keys(config).length === 0 ? {} : { config }),
    };
    await project.resources.save(wanted, document);
    onSaved(wanted);
    onClose();
  };

  const attempt = (): void => {
    setRefusal("");
    setTrial({ isOn: true, tried: null });
    project.resources
      .attempt(id ?? "new", { type, ...(Object.keys(config).length === 0 ? {} : { config }) })
      .then((tried) => {
        setTrial({ isOn: false, tried });
      })
      .catch((error: unknown) => {
        setTrial({ isOn: false, tried: null });
        setRefusal(sentence(error));
      });
  };

  const check = (changed: JsonObject): void => {
    setConfig(changed);
    setTrial({ isOn: false, tried: null });
    project.resources
      .check(id ?? "new", { type, config: changed })
      .then(setProblems)
      .catch(() => {
        setProblems([]);
      });
  };

  return (
    <Dialog title={id ?? t("resource.new")} onClose={onClose}>
      <DialogForm
        isCheckedElsewhere
        isReadOnly={isReadOnly}
        isReady={type !== ""}
        apart={
          declared?.can_try === true &&
          !isReadOnly && (
            <button type="button" disabled={trial.isOn} onClick={attempt}>
              {t("trial.connect")}
            </button>
          )
        }
        told={
          <>
            <Refusal text={refusal} />
            <p className={`trial is-${trial.tried?.level ?? ""}`} role="status">
              {trial.isOn ? t("trial.connecting") : trial.tried === null ? "" : outcome(trial.tried, said, t)}
            </p>
          </>
        }
        onSave={save}
        onClose={onClose}
      >
        {id === null && kinds.length > 1 && (
          <div className="field">
            <label htmlFor="resource-type">{t("form.kind")}</label>
            <select
              id="resource-type"
              value={type}
              onChange={(event) => {
                setType(event.target.value);
              }}
            >
              {kinds.map((one) => (
                <option key={one} value={one}>
                  {project.types.get(one)?.label ?? one}
                </option>
              ))}
            </select>
          </div>
        )}
        <div className="field">
          <label htmlFor="resource-name">{t("form.name")}</label>
          <input
            id="resource-name"
            type="text"
            readOnly={isReadOnly}
            value={name}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </div>
        {declared !== undefined && (
          <Form schema={declared.config as JsonObject} value={config} problems={problems} isReadOnly={isReadOnly} onChange={check} />
        )}
      </DialogForm>
    </Dialog>
  );
}

function outcome({ level, text, seconds }: Tried, said: EngineTexts, t: Translate): string {
  const key = level === "error" ? "trial.error" : level === "busy" ? "trial.busy" : level === "warning" ? "trial.warning" : "trial.ok";
  return t(key, { text: said.sentence(text) ?? text, seconds: seconds < 1 ? seconds.toPrecision(2) : Math.round(seconds) });
}
