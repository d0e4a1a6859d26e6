/** Help and descriptions: the part of Markdown that they use, as elements and never as HTML. */

import type { ReactNode } from "react";

export function Markdown({ text }: { text: string }) {
  return <div className="markdown">{blocks(text).map((block, index) => drawn(block, index))}</div>;
}

function blocks(text: string): string[] {
  const found: string[] = [];
  let code: string[] | null = null;
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) {
      found.push(lines.join("\n"));
      lines = [];
    }
  };
  for (const line of text.split("\n")) {
    if (line.trimStart().startsWith("```")) {
      if (code === null) {
        flush();
        code = [];
      } else {
        found.push(`\`\`\`\n${code.join("\n")}`);
        code = null;
      }
    } else if (code !== null) {
      code.push(line);
    } else if (line.trim() === "") {
      flush();
    } else {
      lines.push(line);
    }
  }
  flush();
  return found;
}

function drawn(block: string, key: number): ReactNode {
  if (block.startsWith("```")) {
    return <pre key={key}>{block.slice(4)}</pre>;
  }
  const lines = block.split("\n");
  if (lines[0]?.startsWith("|")) {
    const rows = lines.filter((line) => !/^\|[\s:|-]+\|$/.test(line)).map(cells);
    const [head = [], ...rest] = rows;
    return (
      <table key={key}>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index}>{inline(cell)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rest.map((row, index) => (
            <tr key={index}>
              {row.map((cell, place) => (
                <td key={place}>{inline(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  if (/^[-*] /.test(lines[0] ?? "")) {
    const items = block.split(/\n?^[-*] /m).filter((item) => item !== "");
    return (
      <ul key={key}>
        {items.map((item, index) => (
          <li key={index}>{inline(item.replaceAll("\n", " "))}</li>
        ))}
      </ul>
    );
  }
  return <p key={key}>{inline(lines.join(" ").replace(/^#+ /, ""))}</p>;
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** Code, bold and slanted words, and links as their texts. */
export function inline(text: string): ReactNode[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)]+\))/).map((part, index) => {
    if (part.startsWith("`")) {
      return <code key={index}>{part.slice(1, -1)}</code>;
    }
    if (part.startsWith("**")) {
      return <strong key={index}>{part.slice(2, -2)}</strong>;
    }
    if (part.startsWith("*") && part.endsWith("*") && part.length > 2) {
      return <em key={index}>{part.slice(1, -1)}</em>;
    }
    const link = /^\[([^\]]+)\]/.exec(part);
    return link === null ? part : (link[1] ?? part);
  });
}
