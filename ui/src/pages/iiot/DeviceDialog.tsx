/** A device is added, or what is known of it is changed. */

import { useCallback, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { DeviceDetail, DeviceSummary, ProfileList } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { Dialog } from "../../shell/Dialog.tsx";
import { sentence, useLoad } from "./load.ts";
import { Choice, Refusal, TextField } from "./parts.tsx";

export interface DeviceDialogProps {
  readonly client: Client;
  /** The device to change; `null` for a new one. */
  readonly known: DeviceSummary | null;
  readonly onSaved: (id: string) => void;
  readonly onClose: () => void;
}

export function DeviceDialog({ client, known, onSaved, onClose }: DeviceDialogProps) {
  const { t } = useTexts();
  const read = useCallback(() => client.get<ProfileList>("/iiot/profiles"), [client]);
  const profiles = useLoad(read).value?.profiles ?? [];
  const [id, setId] = useState(known?.id ?? "");
  const [chosen, setProfile] = useState(known?.profile ?? "");
  const [serial, setSerial] = useState(known?.serial ?? "");
  const [name, setName] = useState(known?.name ?? "");
  const [business, setBusiness] = useState(known?.business ?? "");
  const [hardware, setHardware] = useState(known?.hardware ?? "");
  const [groups, setGroups] = useState(known?.groups.join(", ") ?? "");
  const [refusal, setRefusal] = useState("");
  const profile = chosen === "" ? (profiles[0]?.id ?? "") : chosen;

  const save = (): void => {
    const entry = {
      serial,
      name,
      hardware,
      groups: groups.split(",").map((one) => one.trim()).filter((one) => one !== ""),
      ...(business === "" ? {} : { business }),
    };
    const saved =
      known === null
        ? client.post<DeviceDetail>("/iiot/devices", { id, profile, entry })
        : client.put<DeviceDetail>(`/iiot/devices/${encodeURIComponent(id)}`, { profile, entry });
    saved
      .then((detail) => {
        onSaved(detail.device.id);
        onClose();
      })
      .catch((error: unknown) => {
        setRefusal(sentence(error));
      });
  };

  return (
    <Dialog title={known === null ? t("devices.add") : t("devices.change", { device: known.id })} onClose={onClose}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div className="dialog-body">
          <TextField label={t("form.id")} value={id} isRequired isDisabled={known !== null} about={t("devices.idAbout")} onChange={setId} />
          <Choice
            label={t("devices.profile")}
            value={profile}
            isRequired
            options={profiles.map((one) => ({ value: one.id, text: one.name || one.id }))}
            onChange={setProfile}
          />
          <TextField label={t("devices.serial")} value={serial} about={t("devices.serialAbout")} onChange={setSerial} />
          <TextField label={t("form.name")} value={name} onChange={setName} />
          <TextField label={t("devices.business")} value={business} about={t("devices.businessAbout")} onChange={setBusiness} />
          <TextField label={t("devices.hardware")} value={hardware} onChange={setHardware} />
          <TextField label={t("devices.groups")} value={groups} about={t("devices.groupsAbout")} onChange={setGroups} />
          <Refusal text={refusal} />
        </div>
        <footer>
          <button type="button" onClick={onClose}>
            {t("dialog.cancel")}
          </button>
          <button type="submit" className="primary">
            {t("dialog.save")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
