/** One of the roles, each with what it is for. */

import { useTexts } from "../i18n/texts.tsx";
import { ROLES, type Role } from "../model/roles.ts";
import { Choice } from "./iiot/parts.tsx";

export interface RoleChoiceProps {
  readonly value: string;
  readonly roles?: readonly Role[];
  readonly onChange: (role: string) => void;
}

export function RoleChoice({ value, roles = ROLES, onChange }: RoleChoiceProps) {
  const { t } = useTexts();
  const options = roles.map((role) => ({ value: role, text: `${t(`role.${role}`)} – ${t(`role.${role}.about`)}` }));
  return <Choice label={t("role.title")} value={value} options={options} onChange={onChange} />;
}
