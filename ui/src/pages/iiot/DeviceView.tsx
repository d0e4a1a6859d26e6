/** One device: who it is, how it is, what it says, and what was asked of it. */

import { useCallback, useState } from "react";

import type { DeviceDetail } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { ASKING } from "../../shell/asking.ts";
import type { EditorState } from "../../shell/editor_state.ts";
import { Refusal } from "../../shell/Refusal.tsx";
import { hrefOf } from "../../shell/router.ts";
import { Icon } from "../../theme/icons.tsx";
import { Page } from "../Page.tsx";
import { CommandDialog } from "./CommandDialog.tsx";
import { CommandTable } from "./CommandTable.tsx";
import { DeviceDialog } from "./DeviceDialog.tsx";
import { useDoing, useLoad } from "./load.ts";
import { Moment } from "./moment.tsx";
import { State } from "./parts.tsx";
import { Presence } from "./Presence.tsx";
import { Telemetry } from "./Telemetry.tsx";
import { TokenDialog } from "./TokenDialog.tsx";
import { UpdateCard } from "./UpdateCard.tsx";

const LOOK_AGAIN = 2;
type Opened = "" | "change" | "token" | "command";

export function DeviceView({ state, id }: { state: EditorState; id: string }) {
  const { t } = useTexts();
  const { client } = state;
  const [opened, setOpened] = useState<Opened>("");
  // Raised when a command was sent, so that the list shows it at once.
  const [sent, setSent] = useState(0);
  const path = `/iiot/devices/${encodeURIComponent(id)}`;
  const read = useCallback(() => client.get<DeviceDetail>(path), [client, path]);
  const loaded = useLoad(read, LOOK_AGAIN);
  const doing = useDoing(loaded.reload);
  const detail = loaded.value;
  const close = (): void => {
    setOpened("");
  };

  if (detail === undefined) {
    return (
      <Page title={id}>
        <Refusal text={loaded.failure} />
      </Page>
    );
  }
  const { device } = detail;
  const move = (action: "activate" | "suspend" | "resume" | "retire"): void => {
    const send = (): void => {
      doing.run(client.post(`${path}/lifecycle`, { action }));
    };
    if (action === "retire") {
      ASKING.whenSure(t("devices.retireSure", { device: id }), t("devices.retire"), send);
    } else {
      send();
    }
  };

  return (
    <Page
      title={device.name === "" ? device.id : `${device.name} (${device.id})`}
      tools={
        <>
          <button data-needs="operator" type="button" className="primary" onClick={() => { setOpened("command"); }}>
            <Icon name="play" /> {t("commands.send")}
          </button>
          <button data-needs="operator" type="button" onClick={() => { setOpened("token"); }}>
            {t("devices.token")}
          </button>
          <button data-needs="operator" type="button" onClick={() => { setOpened("change"); }}>
            {t("devices.edit")}
          </button>
          {device.lifecycle === "suspended" ? (
            <button data-needs="operator" type="button" onClick={() => { move("resume"); }}>
              {t("devices.resume")}
            </button>
          ) : (
            <button data-needs="operator" type="button" disabled={device.lifecycle === "retired"} onClick={() => { move("suspend"); }}>
              {t("devices.suspend")}
            </button>
          )}
          <button data-needs="operator" type="button" disabled={device.lifecycle === "retired"} onClick={() => { move("retire"); }}>
            {t("devices.retire")}
          </button>
        </>
      }
    >
      <p>
        <a className="back" href={hrefOf("devices")}>
          ← {t("pages.devices")}
        </a>
      </p>
      <Refusal text={doing.refusal || loaded.failure} />
      <div className="cards">
        <section className="card" aria-label={t("devices.facts")}>
          <h2>{t("devices.facts")}</h2>
          <dl className="facts">
            <dt>{t("devices.presence")}</dt>
            <dd>
              <Presence online={device.online} />
            </dd>
            <dt>{t("devices.seen")}</dt>
            <dd>
              <Moment at={device.seen_at} />
            </dd>
            <dt>{t("devices.lifecycle")}</dt>
            <dd>
              <State of="lifecycle" name={device.lifecycle} />
            </dd>
            <dt>{t("devices.profile")}</dt>
            <dd>
              <a href={hrefOf("profiles", [device.profile], { device: device.id })}>{device.profile}</a>
            </dd>
            <dt>{t("devices.serial")}</dt>
            <dd>{device.serial}</dd>
            <dt>{t("devices.business")}</dt>
            <dd>{device.business ?? "–"}</dd>
            <dt>{t("devices.hardware")}</dt>
            <dd>{device.hardware || "–"}</dd>
            <dt>{t("devices.firmware")}</dt>
            <dd>{device.firmware || "–"}</dd>
            <dt>{t("devices.groups")}</dt>
            <dd>{device.groups.join(", ") || "–"}</dd>
            <dt>{t("devices.topic")}</dt>
            <dd>
              <code>{detail.telemetry_topic}</code>
            </dd>
            <dt>{t("devices.added")}</dt>
            <dd>
              <Moment at={detail.created_at} isExact />
            </dd>
          </dl>
        </section>
        <Telemetry at={detail.telemetry_at} value={detail.telemetry} />
        <UpdateCard client={client} device={device} running={detail.update} onChanged={loaded.reload} />
      </div>
      <section className="card" aria-label={t("pages.commands")}>
        <h2>
          {t("pages.commands")}
          {detail.pending > 0 && <span className="chip is-busy">{t("commands.pending", { count: detail.pending })}</span>}
        </h2>
        <CommandTable client={client} key={sent} filter={{ device: id }} />
      </section>
      {opened === "change" && <DeviceDialog client={client} known={device} onSaved={loaded.reload} onClose={close} />}
      {opened === "token" && <TokenDialog client={client} device={id} onClose={close} />}
      {opened === "command" && (
        <CommandDialog
          client={client}
          device={device}
          onSent={() => {
            setSent(sent + 1);
            loaded.reload();
          }}
          onClose={close}
        />
      )}
    </Page>
  );
}
