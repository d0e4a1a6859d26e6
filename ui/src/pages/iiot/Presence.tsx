/** Whether a device is there. */

import { useTexts } from "../../i18n/texts.tsx";

export function Presence({ online }: { online: boolean | null }) {
  const { t } = useTexts();
  const kind = online === null ? "unheard" : online ? "online" : "offline";
  return <span className={`presence is-${kind}`}>{t(`devices.${kind}`)}</span>;
}
