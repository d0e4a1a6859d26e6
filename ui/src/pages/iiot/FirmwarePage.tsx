/** Firmware: what there is, and more of it. */

import { useCallback, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { FirmwareList, FirmwareShown } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { Dialog } from "../../shell/Dialog.tsx";
import { DialogForm } from "../../shell/DialogForm.tsx";
import { ASKING } from "../../shell/asking.ts";
import { Refusal } from "../../shell/Refusal.tsx";
import { Icon } from "../../theme/icons.tsx";
import { Page } from "../Page.tsx";
import type { PageProps } from "../pages.ts";
import { queryOf, useDoing, useLoad } from "./load.ts";
import { Moment } from "./moment.tsx";
import { NO_REGISTRY, NoRegistryPage } from "./NoRegistry.tsx";
import { Table, TextField } from "./parts.tsx";
import { upload } from "./upload.ts";

export default function FirmwarePage({ state }: PageProps) {
  const { t, language } = useTexts();
  const { client } = state;
  const [isUploading, setUploading] = useState(false);
  const read = useCallback(() => client.get<FirmwareList>("/iiot/firmware"), [client]);
  const { value, failure, code, reload } = useLoad(read);
  const doing = useDoing(reload);
  const remove = (id: string): void => {
    ASKING.whenSure(t("firmware.removeSure", { firmware: id }), t("users.remove"), () => {
      doing.run(client.delete(`/iiot/firmware/${encodeURIComponent(id)}`));
    });
  };
  if (code === NO_REGISTRY) {
    return <NoRegistryPage title={t("pages.firmware")} />;
  }
  return (
    <Page
      title={t("pages.firmware")}
      tools={
        <button
          data-needs="operator"
          type="button"
          className="primary"
          onClick={() => {
            setUploading(true);
          }}
        >
          <Icon name="up" /> {t("firmware.upload")}
        </button>
      }
    >
      <Refusal text={doing.refusal || failure} />
      <Table<FirmwareShown>
        label={t("pages.firmware")}
        rows={value?.firmware}
        idOf={(one) => one.id}
        none={t("firmware.none")}
        columns={[
          { title: "form.id", cell: (one) => <strong>{one.id}</strong> },
          { title: "firmware.version", cell: (one) => one.version },
          { title: "firmware.hardware", cell: (one) => (one.hardware.length === 0 ? t("firmware.anyHardware") : one.hardware.join(", ")) },
          { title: "firmware.size", cell: (one) => sizeText(one.size, language) },
          { title: "firmware.signed", cell: (one) => t(one.signed ? "form.yes" : "form.no") },
          { title: "firmware.digest", cell: (one) => <code title={one.sha256}>{one.sha256.slice(0, 12)}</code> },
          { title: "devices.added", cell: (one) => <Moment at={one.created_at} /> },
          { title: "firmware.notes", cell: (one) => one.notes },
          {
            title: "firmware.tools",
            cell: (one) => (
              <button
                data-needs="operator"
                type="button"
                className="icon-button"
                aria-label={t("form.remove", { name: one.id })}
                title={t("form.remove", { name: one.id })}
                onClick={() => {
                  remove(one.id);
                }}
              >
                <Icon name="trash" />
              </button>
            ),
          },
        ]}
      />
      {isUploading && (
        <UploadDialog
          client={state.client}
          onDone={reload}
          onClose={() => {
            setUploading(false);
          }}
        />
      )}
    </Page>
  );
}

function UploadDialog({ client, onDone, onClose }: { client: Client; onDone: () => void; onClose: () => void }) {
  const { t } = useTexts();
  const [file, setFile] = useState<File | null>(null);
  const [version, setVersion] = useState("");
  const [hardware, setHardware] = useState("");
  const [least, setLeast] = useState("");
  const [notes, setNotes] = useState("");
  const [part, setPart] = useState<number | null>(null);
  const send = async (): Promise<void> => {
    if (file === null) {
      return;
    }
    setPart(0);
    const query = queryOf({ hardware, min_version: least, notes });
    try {
      await upload(client, `/iiot/firmware/${encodeURIComponent(version)}${query}`, file, setPart);
      onDone();
      onClose();
    } finally {
      setPart(null);
    }
  };

  return (
    <Dialog title={t("firmware.upload")} onClose={onClose}>
      <DialogForm
        action={t("firmware.upload")}
        told={part !== null && <progress max={1} value={part} aria-label={t("firmware.progress")} />}
        onSave={send}
        onClose={onClose}
      >
        <div className="field">
          <label htmlFor="firmware-file">
            {t("firmware.file")}
            <span aria-hidden="true"> *</span>
          </label>
          <input
            id="firmware-file"
            type="file"
            required
            onChange={(event) => {
              setFile(event.target.files?.[0] ?? null);
            }}
          />
        </div>
        <TextField label={t("firmware.version")} value={version} isRequired about={t("firmware.versionAbout")} onChange={setVersion} />
        <TextField label={t("firmware.hardware")} value={hardware} about={t("firmware.hardwareAbout")} onChange={setHardware} />
        <TextField label={t("firmware.least")} value={least} about={t("firmware.leastAbout")} onChange={setLeast} />
        <TextField label={t("firmware.notes")} value={notes} onChange={setNotes} />
      </DialogForm>
    </Dialog>
  );
}

const UNITS = [
  ["megabyte", 1_000_000],
  ["kilobyte", 1_000],
  ["byte", 1],
] as const;

function sizeText(bytes: number, language: string): string {
  const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? UNITS[2];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / size);
}
