/** Make, rename and delete a flow. */

import { useState } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import { freeId, idFrom } from "../../model/naming.ts";
import type { OpenFlow } from "../../model/open_flow.ts";
import type { Project } from "../../model/project.ts";
import { sentence } from "../../model/refusal.ts";
import { Dialog } from "../Dialog.tsx";
import { DialogForm } from "../DialogForm.tsx";
import { Refusal } from "../Refusal.tsx";
import { go, HOME } from "../router.ts";

export function NewFlow({ project, onClose }: { project: Project; onClose: () => void }) {
  const { t } = useTexts();
  const [name, setName] = useState("");
  const taken = new Set([...project.flows, ...project.opened()].map((flow) => flow.id));
  const id = freeId(idFrom(name) === "node" ? "flow" : idFrom(name), taken);
  return (
    <Dialog title={t("flows.new")} onClose={onClose}>
      <DialogForm
        action={t("flows.create")}
        isReady={name.trim() !== ""}
        onSave={() => {
          onClose();
          go(HOME, [project.create(id, name.trim()).id]);
        }}
        onClose={onClose}
      >
        <div className="field">
          <label htmlFor="flow-name">{t("flows.newName")}</label>
          <input
            id="flow-name"
            data-first
            value={name}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
          <p className="quiet">{t("flows.file", { file: `${id}.flow.json` })}</p>
        </div>
      </DialogForm>
    </Dialog>
  );
}

export function RenameFlow({ flow, onClose }: { flow: OpenFlow; onClose: () => void }) {
  const { t } = useTexts();
  const [name, setName] = useState(flow.sheet.flow.name ?? "");
  const [description, setDescription] = useState(flow.sheet.flow.description ?? "");
  return (
    <Dialog title={t("flows.rename")} onClose={onClose}>
      <DialogForm
        action={t("dialog.done")}
        onSave={() => {
          onClose();
          flow.edit(t("flows.rename"), ({ flow: { name: _name, description: _description, ...rest }, layout }) => ({
            flow: {
              ...rest,
              ...(name.trim() === "" ? {} : { name: name.trim() }),
              ...(description === "" ? {} : { description }),
            },
            layout,
          }));
        }}
        onClose={onClose}
      >
        <div className="field">
          <label htmlFor="flow-name">{t("form.name")}</label>
          <input
            id="flow-name"
            data-first
            value={name}
            placeholder={flow.id}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </div>
        <div className="field">
          <label htmlFor="flow-description">{t("flows.description")}</label>
          <textarea
            id="flow-description"
            rows={5}
            value={description}
            onChange={(event) => {
              setDescription(event.target.value);
            }}
          />
        </div>
      </DialogForm>
    </Dialog>
  );
}

export function DeleteFlow({ project, flow, onClose }: { project: Project; flow: OpenFlow; onClose: () => void }) {
  const { t } = useTexts();
  const [failure, setFailure] = useState("");
  const name = flow.sheet.flow.name ?? flow.id;
  const remove = async (): Promise<void> => {
    try {
      await project.remove(flow.id);
      onClose();
      go(HOME, project.current === null ? [] : [project.current.id]);
    } catch (error) {
      setFailure(sentence(error));
    }
  };
  return (
    <Dialog title={t("flows.delete", { name })} onClose={onClose}>
      <p>{t("flows.deleteAbout", { file: `${flow.id}.flow.json` })}</p>
      <Refusal text={failure} />
      <footer>
        <button type="button" data-first onClick={onClose}>
          {t("dialog.cancel")}
        </button>
        <button type="button" className="danger" onClick={() => void remove()}>
          {t("command.deleteFlow")}
        </button>
      </footer>
    </Dialog>
  );
}
