/** All devices: found by what they are, a page at a time. */

import { useCallback, useDeferredValue, useState } from "react";

import type { DevicePage, DeviceSummary, ProfileList } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { Refusal } from "../../shell/Refusal.tsx";
import { go, hrefOf, replace } from "../../shell/router.ts";
import { Icon } from "../../theme/icons.tsx";
import { Page } from "../Page.tsx";
import type { PageProps } from "../pages.ts";
import { DeviceDialog } from "./DeviceDialog.tsx";
import { DeviceView } from "./DeviceView.tsx";
import { queryOf, useLoad } from "./load.ts";
import { Moment } from "./moment.tsx";
import { NO_REGISTRY, NoRegistryPage } from "./NoRegistry.tsx";
import { useLeafing } from "./pages_of.ts";
import { Choice, Pager, State, Table } from "./parts.tsx";
import { Presence } from "./Presence.tsx";

const LIFECYCLES = ["draft", "paired", "active", "suspended", "retired"] as const;
const ON_A_PAGE = 100;
const LOOK_AGAIN = 5;

export default function DevicesPage({ state, route }: PageProps) {
  const [id] = route.rest;
  return id === undefined ? <DeviceList state={state} route={route} /> : <DeviceView key={id} state={state} id={id} />;
}

function DeviceList({ state, route }: PageProps) {
  const { t } = useTexts();
  const { client } = state;
  const [isAdding, setAdding] = useState(false);
  const leafing = useLeafing();
  const { text = "", profile = "", lifecycle = "", online = "", group = "", firmware = "" } = route.query;
  const wanted = useDeferredValue(
    queryOf({ text, profile, lifecycle, online, group, firmware, after: leafing.from, limit: ON_A_PAGE }),
  );
  const read = useCallback(() => client.get<DevicePage>(`/iiot/devices${wanted}`), [client, wanted]);
  const page = useLoad(read, LOOK_AGAIN);
  const readProfiles = useCallback(() => client.get<ProfileList>("/iiot/profiles"), [client]);
  const profiles = useLoad(readProfiles).value?.profiles ?? [];

  const filter = (values: Record<string, string>): void => {
    leafing.restart();
    replace("devices", [], { ...route.query, ...values });
  };

  if (page.code === NO_REGISTRY) {
    return <NoRegistryPage title={t("pages.devices")} />;
  }
  return (
    <Page
      title={t("pages.devices")}
      tools={
        <button
          data-needs="operator"
          type="button"
          className="primary"
          onClick={() => {
            setAdding(true);
          }}
        >
          <Icon name="add" /> {t("devices.add")}
        </button>
      }
    >
      <search className="filters">
        <input
          type="search"
          aria-label={t("devices.search")}
          placeholder={t("devices.search")}
          value={text}
          onChange={(event) => {
            filter({ text: event.target.value });
          }}
        />
        <Choice
          isInline
          label={t("devices.profile")}
          value={profile}
          options={[{ value: "", text: t("devices.anyProfile") }, ...profiles.map((one) => ({ value: one.id, text: one.name || one.id }))]}
          onChange={(value) => {
            filter({ profile: value });
          }}
        />
        <Choice
          isInline
          label={t("devices.lifecycle")}
          value={lifecycle}
          options={[{ value: "", text: t("devices.anyLifecycle") }, ...LIFECYCLES.map((one) => ({ value: one, text: t(`lifecycle.${one}`) }))]}
          onChange={(value) => {
            filter({ lifecycle: value });
          }}
        />
        <Choice
          isInline
          label={t("devices.presence")}
          value={online}
          options={[
            { value: "", text: t("devices.anyPresence") },
            { value: "true", text: t("devices.online") },
            { value: "false", text: t("devices.offline") },
          ]}
          onChange={(value) => {
            filter({ online: value });
          }}
        />
        <input
          type="text"
          aria-label={t("devices.group")}
          placeholder={t("devices.group")}
          value={group}
          onChange={(event) => {
            filter({ group: event.target.value });
          }}
        />
        <input
          type="text"
          aria-label={t("devices.firmware")}
          placeholder={t("devices.firmware")}
          value={firmware}
          onChange={(event) => {
            filter({ firmware: event.target.value });
          }}
        />
      </search>
      <Refusal text={page.failure} />
      <Table<DeviceSummary>
        label={t("pages.devices")}
        rows={page.value?.devices}
        idOf={(one) => one.id}
        none={t("devices.none")}
        columns={[
          { title: "devices.device", cell: (one) => <a href={hrefOf("devices", [one.id])}>{one.id}</a> },
          { title: "form.name", cell: (one) => one.name },
          { title: "devices.presence", cell: (one) => <Presence online={one.online} /> },
          { title: "devices.seen", cell: (one) => <Moment at={one.seen_at} /> },
          { title: "devices.profile", cell: (one) => one.profile },
          { title: "devices.lifecycle", cell: (one) => <State of="lifecycle" name={one.lifecycle} /> },
          { title: "devices.firmware", cell: (one) => one.firmware },
          { title: "devices.groups", cell: (one) => one.groups.join(", ") },
        ]}
      />
      <Pager
        about={page.value === undefined ? "" : t("devices.total", { count: page.value.total })}
        hasPrevious={leafing.hasPrevious}
        hasNext={page.value?.next != null}
        onPrevious={leafing.previous}
        onNext={() => {
          leafing.next(page.value?.next ?? "");
        }}
      />
      {isAdding && (
        <DeviceDialog
          client={client}
          known={null}
          onSaved={(saved) => {
            go("devices", [saved]);
          }}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </Page>
  );
}
