/** The name and the colour of a group. */

import { useState } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import type { Drawing } from "../../model/drawing.ts";
import { boxesOf, framesOf, labelled, ungrouped } from "../../model/groups.ts";
import type { OpenFlow } from "../../model/open_flow.ts";
import { Dialog } from "../Dialog.tsx";
import { DialogForm } from "../DialogForm.tsx";

/** Neither light nor dark: frames mix them with the theme's ground. */
const COLOURS = ["#b3641f", "#8250c4", "#2f7fc4", "#a0488a", "#14828c", "#2f8f4e", "#a87400", "#c23b32"] as const;

export function GroupDialog({ flow, drawing, group, onClose }: {
  flow: OpenFlow;
  drawing: Drawing;
  group: string;
  onClose: () => void;
}) {
  const { t } = useTexts();
  const frame = framesOf(flow.sheet, boxesOf(drawing)).find((one) => one.id === group);
  const [name, setName] = useState(frame?.name ?? "");
  const [colour, setColour] = useState(frame?.colour ?? null);
  return (
    <Dialog title={t("group.title")} onClose={onClose}>
      <DialogForm
        action={t("dialog.done")}
        apart={
          <button
            type="button"
            onClick={() => {
              onClose();
              flow.edit(t("edit.ungroup"), (sheet) => ungrouped(sheet, [group]));
            }}
          >
            {t("command.ungroup")}
          </button>
        }
        onSave={() => {
          onClose();
          if (frame !== undefined) {
            flow.edit(t("edit.group"), (sheet) => labelled(sheet, group, name.trim(), colour, frame));
          }
        }}
        onClose={onClose}
      >
        <div className="field">
          <label htmlFor="group-name">{t("form.name")}</label>
          <input
            id="group-name"
            data-first
            value={name}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </div>
        <fieldset className="swatches">
          <legend>{t("group.colour")}</legend>
          {[null, ...COLOURS].map((one) => (
            <label key={one ?? ""} style={one === null ? undefined : { background: one }}>
              <input
                type="radio"
                name="group-colour"
                aria-label={one ?? t("group.plain")}
                checked={colour === one}
                onChange={() => {
                  setColour(one);
                }}
              />
            </label>
          ))}
        </fieldset>
      </DialogForm>
    </Dialog>
  );
}
