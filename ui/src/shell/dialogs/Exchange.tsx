/** Flows and nodes go out as JSON and come in as JSON. */

import { useState } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import { flowFrom, read } from "../../model/clipboard.ts";
import { freeId } from "../../model/naming.ts";
import type { OpenFlow } from "../../model/open_flow.ts";
import type { Project } from "../../model/project.ts";
import * as actions from "../actions.ts";
import { Dialog } from "../Dialog.tsx";
import { go, HOME } from "../router.ts";

export function Export({ text, name, onClose }: { text: string; name: string; onClose: () => void }) {
  const { t } = useTexts();
  const [isCopied, setIsCopied] = useState(false);
  const copy = (area: HTMLTextAreaElement | null): void => {
    const done = (): void => {
      setIsCopied(true);
    };
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) {
      // A page that came over plain HTTP: the text is chosen, so that the keys for copying take it.
      area?.focus();
      area?.select();
    } else {
      void clipboard.writeText(text).then(done);
    }
  };
  const download = (): void => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "application/json" }));
    link.download = `${name}.flow.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Dialog title={t("export.title")} className="is-wide" onClose={onClose}>
      <textarea className="code" id="export-text" aria-label={t("export.text")} readOnly value={text} spellCheck={false} />
      <footer>
        <span className="quiet" role="status">
          {isCopied ? t("export.copied") : ""}
        </span>
        <span className="spread" />
        <button
          type="button"
          onClick={() => {
            copy(document.querySelector<HTMLTextAreaElement>("#export-text"));
          }}
        >
          {t("export.copy")}
        </button>
        <button type="button" className="primary" data-first onClick={download}>
          {t("export.download")}
        </button>
      </footer>
    </Dialog>
  );
}

export function Import({ project, flow, onClose }: { project: Project; flow: OpenFlow | null; onClose: () => void }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [isNew, setIsNew] = useState<boolean | null>(null);
  const clip = read(text);
  const whole = flowFrom(text);
  const asNew = whole !== null && (isNew ?? true);
  const count = clip === null ? 0 : Object.keys(clip.nodes).length;
  const bring = (): void => {
    onClose();
    if (whole !== null && asNew) {
      const taken = new Set([...project.flows, ...project.opened()].map((one) => one.id));
      const id = freeId(whole.flow.id, taken);
      const made = project.create(id, "");
      made.edit(t("command.import"), () => ({ ...whole, flow: { ...whole.flow, id } }));
      go(HOME, [id]);
    } else if (flow !== null) {
      actions.pasteText(flow, text, t);
    }
  };
  const isNodeRed = text.trimStart().startsWith("[");
  return (
    <Dialog title={t("import.title")} className="is-wide" onClose={onClose}>
      <input
        type="file"
        accept=".json,application/json"
        aria-label={t("import.file")}
        onChange={(event) => {
          void event.target.files?.[0]?.text().then(setText);
        }}
      />
      <textarea
        className="code"
        aria-label={t("import.text")}
        placeholder={t("import.text")}
        data-first
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      {text.trim() !== "" && (
        <p className={clip === null ? "field-problem is-error" : "quiet"} role="status">
          {clip !== null ? t("import.found", { count }) : isNodeRed ? t("import.nodeRed") : t("import.nothing")}
        </p>
      )}
      <footer>
        {whole !== null && flow !== null && (
          <label>
            <input
              type="checkbox"
              checked={asNew}
              onChange={(event) => {
                setIsNew(event.target.checked);
              }}
            />{" "}
            {t("import.asNew")}
          </label>
        )}
        <span className="spread" />
        <button type="button" onClick={onClose}>
          {t("dialog.cancel")}
        </button>
        <button type="button" className="primary" disabled={clip === null || (!asNew && flow === null)} onClick={bring}>
          {t("import.button")}
        </button>
      </footer>
    </Dialog>
  );
}
