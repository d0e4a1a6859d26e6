/** What came of what somebody did here. */
export function Notice({ text, isError = false }: { text: string; isError?: boolean }) {
  return (
    <p className={isError ? "panel-notice is-error" : "panel-notice"} role="status" hidden={text === ""}>
      {text}
    </p>
  );
}
