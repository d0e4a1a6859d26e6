/** Commands with their states, newest first; one can be looked at. */

import { useCallback, useState } from "react";

import type { Client } from "../../api/client.ts";
import type { CommandDetail, CommandPage, CommandShown } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { Dialog } from "../../shell/Dialog.tsx";
import { Refusal } from "../../shell/Refusal.tsx";
import { hrefOf } from "../../shell/router.ts";
import { queryOf, useLoad } from "./load.ts";
import { Moment } from "./moment.tsx";
import { NO_REGISTRY, NoRegistry } from "./NoRegistry.tsx";
import { useLeafing } from "./pages_of.ts";
import { Pager, State, Table, type Column } from "./parts.tsx";

export interface CommandTableProps {
  readonly client: Client;
  readonly filter: Readonly<Record<string, string>>;
}

const LOOK_AGAIN = 2;

export function CommandTable({ client, filter }: CommandTableProps) {
  const { t } = useTexts();
  const leafing = useLeafing();
  const [opened, setOpened] = useState("");
  const query = queryOf({ ...filter, before: leafing.from, limit: 20 });
  const read = useCallback(() => client.get<CommandPage>(`/iiot/commands${query}`), [client, query]);
  const page = useLoad(read, LOOK_AGAIN);
  const columns: readonly Column<CommandShown>[] = [
    {
      title: "commands.action",
      cell: (one) => (
        <button
          type="button"
          className="link-button"
          onClick={() => {
            setOpened(one.id);
          }}
        >
          {one.action}
        </button>
      ),
    },
    ...(filter["device"] === undefined || filter["device"] === ""
      ? [{ title: "devices.device" as const, cell: (one: CommandShown) => <a href={hrefOf("devices", [one.device])}>{one.device}</a> }]
      : []),
    { title: "commands.state", cell: (one) => <State of="command" name={one.state} /> },
    { title: "commands.reason", cell: (one) => one.code },
    { title: "commands.asked", cell: (one) => <Moment at={one.created_at} /> },
    { title: "commands.who", cell: (one) => (one.source === "" ? one.who : `${one.who} (${one.source})`) },
  ];
  if (page.code === NO_REGISTRY) {
    return <NoRegistry />;
  }
  return (
    <>
      <Refusal text={page.failure} />
      <Table label={t("pages.commands")} rows={page.value?.commands} idOf={(one) => one.id} none={t("commands.none")} columns={columns} />
      {(leafing.hasPrevious || page.value?.next != null) && (
        <Pager
          hasPrevious={leafing.hasPrevious}
          hasNext={page.value?.next != null}
          onPrevious={leafing.previous}
          onNext={() => {
            leafing.next(page.value?.next ?? "");
          }}
        />
      )}
      {opened !== "" && (
        <CommandHistory
          client={client}
          id={opened}
          onClose={() => {
            setOpened("");
          }}
        />
      )}
    </>
  );
}

function CommandHistory({ client, id, onClose }: { client: Client; id: string; onClose: () => void }) {
  const { t } = useTexts();
  const read = useCallback(() => client.get<CommandDetail>(`/iiot/commands/${id}`), [client, id]);
  const { value, failure } = useLoad(read, LOOK_AGAIN);
  return (
    <Dialog title={t("commands.one", { action: value?.command.action ?? "" })} onClose={onClose}>
      <Refusal text={failure} />
      {value !== undefined && (
        <>
          <p>
            <State of="command" name={value.command.state} /> {value.command.code}
          </p>
          <ol className="history" aria-label={t("commands.history")}>
            {value.history.map((one) => (
              <li key={one.state}>
                <span>{one.state === "ended" ? t(`command.${value.command.state}`) : t(`command.${one.state}`)}</span>
                <Moment at={one.at} isExact />
              </li>
            ))}
          </ol>
          <h3>{t("commands.message")}</h3>
          <pre className="payload">{value.message}</pre>
          {value.result !== null && (
            <>
              <h3>{t("commands.result")}</h3>
              <pre className="payload">{JSON.stringify(value.result, null, 2)}</pre>
            </>
          )}
        </>
      )}
    </Dialog>
  );
}
