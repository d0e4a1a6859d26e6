/** What would become of a payload, by a profile as it stands in its form. */

import { useCallback, useEffect, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { DeviceDetail, DevicePage, TrialResult } from "../../api/schema.ts";
import { useSaid } from "../../i18n/said.ts";
import { useTexts } from "../../i18n/texts.tsx";
import type { JsonObject } from "../../model/json.ts";
import { sentence } from "../../model/refusal.ts";
import { Refusal } from "../../shell/Refusal.tsx";
import { queryOf, useLoad } from "./load.ts";
import { dateText } from "./moment.tsx";
import { TextField } from "./parts.tsx";

const TRY_AFTER = 300;
const FOLLOW = 2;

export interface RuleTesterProps {
  readonly client: Client;
  readonly profile: JsonObject;
  /** The device whose payload is tried, where one was chosen. */
  readonly wanted: string;
}

export function RuleTester({ client, profile, wanted }: RuleTesterProps) {
  const { t, language } = useTexts();
  const said = useSaid();
  const id = typeof profile["id"] === "string" ? profile["id"] : "";
  const readDevices = useCallback(
    () => (id === "" ? Promise.resolve(null) : client.get<DevicePage>(`/iiot/devices${queryOf({ profile: id, limit: 20 })}`)),
    [client, id],
  );
  const devices = useLoad(readDevices).value?.devices ?? [];
  const [chosen, setDevice] = useState(wanted);
  const [typed, setTyped] = useState<string | null>(null);
  const [result, setResult] = useState<TrialResult | null>(null);
  const [refusal, setRefusal] = useState("");
  const device = chosen === "" ? (devices.find((one) => one.seen_at !== null)?.id ?? "") : chosen;

  const readDevice = useCallback(
    () => (device === "" ? Promise.resolve(null) : client.get<DeviceDetail>(`/iiot/devices/${encodeURIComponent(device)}`)),
    [client, device],
  );
  // What the device sends is followed until somebody writes a payload.
  const last = useLoad(readDevice, typed === null ? FOLLOW : 0).value?.telemetry;
  const payload = typed ?? (last === undefined || last === null ? "" : JSON.stringify(last, null, 2));

  useEffect(() => {
    if (payload === "") {
      return undefined;
    }
    let isWanted = true;
    const timer = setTimeout(() => {
      client
        .post<TrialResult>("/iiot/profile-trial", { profile, payload, device })
        .then((tried) => {
          if (isWanted) {
            setResult(tried);
            setRefusal("");
          }
        })
        .catch((error: unknown) => {
          if (isWanted) {
            setResult(null);
            setRefusal(sentence(error));
          }
        });
    }, TRY_AFTER);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [client, profile, payload, device]);

  return (
    <aside className="card" aria-label={t("tester.title")}>
      <h2>{t("tester.title")}</h2>
      <p className="field-about">{t("tester.about")}</p>
      <TextField
        label={t("devices.device")}
        value={device}
        suggestions={devices.map((one) => one.id)}
        onChange={(value) => {
          setDevice(value);
          setTyped(null);
        }}
      />
      <div className="field">
        <label htmlFor="tester-payload">
          {t("tester.payload")} {typed === null && last != null && <span className="chip is-good">{t("tester.live")}</span>}
        </label>
        <textarea
          id="tester-payload"
          className="code"
          rows={8}
          spellCheck={false}
          value={payload}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
        {typed !== null && device !== "" && (
          <button
            type="button"
            className="switch-form"
            onClick={() => {
              setTyped(null);
            }}
          >
            {t("tester.follow")}
          </button>
        )}
      </div>
      {payload !== "" && <Refusal text={refusal} />}
      {payload !== "" && result !== null && (
        <div aria-live="polite">
          {result.failures.map((failure) => (
            <p className="field-problem" key={failure.rule + failure.message}>
              {failure.rule === "" ? said.say(failure.message) : `${failure.rule}: ${said.say(failure.message)}`}
            </p>
          ))}
          {result.readings.map((reading, at) => (
            <div key={at}>
              <h3>{dateText(reading.at, language)}</h3>
              {reading.matched && reading.writes.length > 0 ? (
                <pre className="payload">{JSON.stringify(reading.writes, null, 2)}</pre>
              ) : (
                <p className="quiet">{reading.matched ? t("tester.heldBack") : t("tester.unmatched")}</p>
              )}
            </div>
          ))}
        </div>
      )}
    </aside>
  );
}
