/** A dialog over the page: the keyboard stays in it, Escape closes it, and then goes back to where it was. */

import "./dialog.css";

import { useLayoutEffect, useRef, useState, type ReactNode } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { Icon } from "../theme/icons.tsx";

export interface DialogProps {
  readonly title: string;
  readonly className?: string;
  /** Without a heading of its own: a search box says what it is. */
  readonly isBare?: boolean;
  /** Whether it interrupts what somebody does, to ask. */
  readonly isAlert?: boolean;
  /** The id of what says what it is about. */
  readonly describedBy?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, className = "", isBare = false, isAlert = false, describedBy, onClose, children }: DialogProps) {
  const { t } = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  // Asked before anything in the dialog takes the keyboard.
  const [before] = useState(() => document.activeElement);
  // With the drawing and not after it, so that nobody who is faster loses the keyboard to what was before.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // By itself the browser gives the focus to the first button, which closes the dialog.
    dialog.current?.querySelector<HTMLElement>("[data-first], .chooser input")?.focus();
    // The browser would begin with the button that closes it.
    dialog.current?.querySelector<HTMLElement>("input, textarea, select")?.focus();
    return () => {
      // While it is open, nothing outside takes the keyboard.
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus({ preventScroll: true });
      }
    };
  }, [before]);
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      role={isAlert ? "alertdialog" : undefined}
      aria-label={title}
      aria-describedby={describedBy}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        // Outside the dialog is the backdrop, which is the dialog itself.
        if (event.target === dialog.current) {
          onClose();
        }
      }}
    >
      <div className="dialog-content">
        {!isBare && (
          <header>
            <h2>{title}</h2>
            <button type="button" className="icon-button" aria-label={t("dialog.close")} title={t("dialog.close")} onClick={onClose}>
              <Icon name="close" />
            </button>
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
