/** The update of a device: begun here, watched, cancelled. */

import { useCallback, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { DeviceSummary, FirmwareList, UpdatePage, UpdateShown } from "../../api/schema.ts";
import { useSaid } from "../../i18n/said.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { Refusal } from "../../shell/Refusal.tsx";
import { queryOf, useDoing, useLoad } from "./load.ts";
import { Moment } from "./moment.tsx";
import { Choice, State } from "./parts.tsx";

export interface UpdateCardProps {
  readonly client: Client;
  readonly device: DeviceSummary;
  /** The update that has not ended. */
  readonly running: UpdateShown | null;
  readonly onChanged: () => void;
}

export function UpdateCard({ client, device, running, onChanged }: UpdateCardProps) {
  const { t } = useTexts();
  const said = useSaid();
  const [chosen, setChosen] = useState("");
  const readFirmware = useCallback(() => client.get<FirmwareList>("/iiot/firmware"), [client]);
  const firmware = useLoad(readFirmware).value?.firmware;
  const running_id = running?.id ?? "";
  const readPast = useCallback(
    // Another update that runs has ended one more.
    () => client.get<UpdatePage>(`/iiot/updates${queryOf({ device: device.id, limit: 5, running: running_id === "" ? "false" : "" })}`),
    [client, device.id, running_id],
  );
  const doing = useDoing(onChanged);
  const past = useLoad(readPast).value?.updates ?? [];

  return (
    <section className="card" aria-label={t("updates.title")}>
      <h2>{t("updates.title")}</h2>
      <Refusal text={doing.refusal} />
      {running !== null && (
        <>
          <p>
            {running.version} <State of="update" name={running.state} />{" "}
            {running.attempt > 1 && t("updates.attempt", { attempt: running.attempt, attempts: running.attempts })}
          </p>
          {running.progress !== null && <progress max={100} value={running.progress} aria-label={t("updates.progress")} />}
          {running.error !== "" && <p className="field-about">{said.say(running.error)}</p>}
          <p className="dialog-buttons">
            <button
              data-needs="operator"
              type="button"
              onClick={() => {
                doing.run(client.post(`/iiot/updates/${running.id}/cancel`, {}));
              }}
            >
              {t("updates.cancel")}
            </button>
          </p>
        </>
      )}
      {running === null && firmware?.length === 0 && <p className="quiet">{t("firmware.none")}</p>}
      {running === null && firmware !== undefined && firmware.length > 0 && (
        <form
          data-needs="operator"
          onSubmit={(event) => {
            event.preventDefault();
            doing.run(client.post("/iiot/updates", { device: device.id, firmware: chosen === "" ? firmware[0]?.id : chosen }));
          }}
        >
          <Choice
            label={t("updates.to")}
            value={chosen === "" ? (firmware[0]?.id ?? "") : chosen}
            options={firmware.map((one) => ({ value: one.id, text: one.id === one.version ? one.id : `${one.id} (${one.version})` }))}
            onChange={setChosen}
          />
          <p className="dialog-buttons">
            <button type="submit">{t("updates.begin")}</button>
          </p>
        </form>
      )}
      {past.some((one) => one.is_end) && (
        <ul className="history" aria-label={t("updates.past")}>
          {past
            .filter((one) => one.is_end)
            .map((one) => (
              <li key={one.id} title={said.say(one.error)}>
                <span>
                  {one.version} <State of="update" name={one.state} />
                </span>
                <Moment at={one.ended_at} />
              </li>
            ))}
        </ul>
      )}
    </section>
  );
}
