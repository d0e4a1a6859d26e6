/** Commands to all devices. */

import { useTexts } from "../../i18n/texts.tsx";
import { replace } from "../../shell/router.ts";
import { Page } from "../Page.tsx";
import type { PageProps } from "../pages.ts";
import { CommandTable } from "./CommandTable.tsx";
import { Choice } from "./parts.tsx";

const STATES = [
  "queued",
  "sent",
  "delivered",
  "acknowledged",
  "succeeded",
  "failed",
  "timed_out",
  "expired",
  "superseded",
  "unknown",
] as const;

export default function CommandsPage({ state, route }: PageProps) {
  const { t } = useTexts();
  const { state: wanted = "", device = "", action = "" } = route.query;
  const filter = (values: Record<string, string>): void => {
    replace("commands", [], { ...route.query, ...values });
  };
  return (
    <Page title={t("pages.commands")}>
      <search className="filters">
        <input
          type="search"
          aria-label={t("devices.device")}
          placeholder={t("devices.device")}
          value={device}
          onChange={(event) => {
            filter({ device: event.target.value });
          }}
        />
        <input
          type="text"
          aria-label={t("commands.action")}
          placeholder={t("commands.action")}
          value={action}
          onChange={(event) => {
            filter({ action: event.target.value });
          }}
        />
        <Choice
          isInline
          label={t("commands.state")}
          value={wanted}
          options={[{ value: "", text: t("commands.anyState") }, ...STATES.map((one) => ({ value: one, text: t(`command.${one}`) }))]}
          onChange={(value) => {
            filter({ state: value });
          }}
        />
      </search>
      {/* Another filter begins at its first page. */}
      <CommandTable
        key={`${wanted} ${device} ${action}`}
        client={state.client}
        filter={Object.fromEntries(Object.entries({ state: wanted, device, action }).filter(([, value]) => value !== ""))}
      />
    </Page>
  );
}
