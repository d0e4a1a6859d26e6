/** A device is added, or what is known of it is changed. */

import { useCallback, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { DeviceDetail, DeviceSummary, ProfileList } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { Dialog } from "../../shell/Dialog.tsx";
import { DialogForm } from "../../shell/DialogForm.tsx";
import { Refusal } from "../../shell/Refusal.tsx";
import { useLoad } from "./load.ts";
import { Choice, TextField } from "./parts.tsx";

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
  const { value, failure } = useLoad(read);
  const profiles = value?.profiles;
  const [id, setId] = useState(known?.id ?? "");
  const [chosen, setProfile] = useState(known?.profile ?? "");
  const [serial, setSerial] = useState(known?.serial ?? "");
  const [name, setName] = useState(known?.name ?? "");
  const [business, setBusiness] = useState(known?.business ?? "");
  const [hardware, setHardware] = useState(known?.hardware ?? "");
  const [groups, setGroups] = useState(known?.groups.join(", ") ?? "");
  const profile = chosen === "" ? (profiles?.[0]?.id ?? "") : chosen;

  const save = async (): Promise<void> => {
    const entry = {
      serial,
      name,
      hardware,
      groups: groups.split(",").map((one) => one.trim()).filter((one) => one !== ""),
      ...(business === "" ? {} : { business }),
    };
    const detail =
      known === null
        ? await client.post<DeviceDetail>("/iiot/devices", { id, profile, entry })
        : await client.put<DeviceDetail>(`/iiot/devices/${encodeURIComponent(id)}`, { profile, entry });
    onSaved(detail.device.id);
    onClose();
  };

  return (
    <Dialog title={known === null ? t("devices.add") : t("devices.change", { device: known.id })} onClose={onClose}>
      <DialogForm isReady={profiles !== undefined} onSave={save} onClose={onClose}>
        <TextField label={t("form.id")} value={id} isRequired isDisabled={known !== null} about={t("devices.idAbout")} onChange={setId} />
        <Choice
          label={t("devices.profile")}
          value={profile}
          isRequired
          options={(profiles ?? []).map((one) => ({ value: one.id, text: one.name || one.id }))}
          onChange={setProfile}
        />
        {profiles?.length === 0 && <p className="field-problem">{t("profiles.none")}</p>}
        <TextField label={t("devices.serial")} value={serial} about={t("devices.serialAbout")} onChange={setSerial} />
        <TextField label={t("form.name")} value={name} onChange={setName} />
        <TextField label={t("devices.business")} value={business} about={t("devices.businessAbout")} onChange={setBusiness} />
        <TextField label={t("devices.hardware")} value={hardware} onChange={setHardware} />
        <TextField label={t("devices.groups")} value={groups} about={t("devices.groupsAbout")} onChange={setGroups} />
        <Refusal text={failure} />
      </DialogForm>
    </Dialog>
  );
}
