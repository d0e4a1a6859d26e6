/** The message that a form's results are about, and what keeps them up to date. */

import { useEffect, useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import type { Evaluator } from "../model/evaluator.ts";
import { useSignal } from "../shell/use_signal.ts";
import { clockTime } from "./clock_time.ts";
import { ValueTree } from "./ValueTree.tsx";

const EVERY = 2_000;
const AFTER_TYPING = 250;

export function LastMessage({ evaluator, node }: { evaluator: Evaluator; node: string }) {
  const { t } = useTexts();
  useSignal(evaluator.changed);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      // A page that nobody sees asks for nothing; a flow that has just been stopped has nothing to tell.
      if (!document.hidden) {
        void evaluator.look().catch(() => undefined);
      }
    };
    const end = evaluator.asked.subscribe(() => {
      clearTimeout(soon);
      soon = setTimeout(look, AFTER_TYPING);
    });
    const timer = setInterval(look, EVERY);
    look();
    return () => {
      end();
      clearTimeout(soon);
      clearInterval(timer);
    };
  }, [evaluator]);
  const { arrival, message } = evaluator;
  if (arrival === null) {
    return <p className="quiet last-message">{t("result.none")}</p>;
  }
  return (
    <details
      className="last-message"
      open={isOpen}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        {arrival.node === node
          ? t("result.last", { time: clockTime(arrival.at).slice(0, 8) })
          : t("result.lastOf", { time: clockTime(arrival.at).slice(0, 8), node: arrival.node })}
      </summary>
      {isOpen && <ValueTree key={arrival.trace} value={message} />}
    </details>
  );
}
