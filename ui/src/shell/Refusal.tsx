/** Why something could not be done, where it was asked for. */

import "./refusal.css";

export function Refusal({ text }: { text: string }) {
  return text === "" ? null : (
    <p className="refusal" role="alert">
      {text}
    </p>
  );
}
