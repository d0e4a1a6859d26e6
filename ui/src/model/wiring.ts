/** Wires are made, moved and cut; a document that has no wires at a port does not name the port. */

import { endpointText, nodesOf, parseEndpoint, withNodes, type FlowNode, type Sheet, type Wire } from "./document.ts";

export function connected(sheet: Sheet, wire: Wire): Sheet {
  return changed(sheet, wire, (targets, target) => (targets.includes(target) ? targets : [...targets, target]));
}

export function disconnected(sheet: Sheet, wire: Wire): Sheet {
  return changed(sheet, wire, (targets, target) => targets.filter((one) => one !== target));
}

/** Put a node into a wire: what came along it goes through the node. */
export function spliced(sheet: Sheet, wire: Wire, node: string, port: string): Sheet {
  const cut = disconnected(sheet, wire);
  const into = connected(cut, { ...wire, to: { node, port: null } });
  return connected(into, { from: node, port, to: wire.to });
}

/** Take nodes away with their wires; with `heal`, what came into each goes on to where its wires led. */
export function withoutNodes(sheet: Sheet, gone: ReadonlySet<string>, heal = false): Sheet {
  const nodes = nodesOf(sheet.flow);
  const onwards = (target: string, seen: ReadonlySet<string>): string[] => {
    const { node } = parseEndpoint(target);
    if (!gone.has(node)) {
      return [target];
    }
    if (!heal || seen.has(node)) {
      return [];
    }
    const next = Object.values(nodes[node]?.wires ?? {}).flat();
    return next.flatMap((one) => onwards(one, new Set([...seen, node])));
  };
  const left = Object.entries(nodes)
    .filter(([id]) => !gone.has(id))
    .map(([id, node]): [string, FlowNode] => {
      const touched = Object.values(node.wires ?? {}).some((targets) =>
        targets.some((target) => gone.has(parseEndpoint(target).node)),
      );
      return [id, touched ? rewired(node, (targets) => [...new Set(targets.flatMap((one) => onwards(one, new Set())))]) : node];
    });
  const cut = withNodes(sheet, Object.fromEntries(left));
  return withoutTraces(cut, gone);
}

/** Whether a wire would lead a node to itself or is there already. */
export function canConnect(sheet: Sheet, wire: Wire): boolean {
  const nodes = nodesOf(sheet.flow);
  const targets = nodes[wire.from]?.wires?.[wire.port] ?? [];
  return wire.from !== wire.to.node && wire.to.node in nodes && !targets.includes(endpointText(wire.to));
}

function changed(sheet: Sheet, wire: Wire, change: (targets: string[], target: string) => string[]): Sheet {
  const nodes = nodesOf(sheet.flow);
  const node = nodes[wire.from];
  if (node === undefined) {
    return sheet;
  }
  const targets = change(node.wires?.[wire.port] ?? [], endpointText(wire.to));
  return withNodes(sheet, { ...nodes, [wire.from]: tidied({ ...node, wires: { ...node.wires, [wire.port]: targets } }) });
}

function rewired(node: FlowNode, change: (targets: string[]) => string[]): FlowNode {
  const wires = Object.entries(node.wires ?? {}).map(([port, targets]) => [port, change(targets)]);
  return tidied({ ...node, wires: Object.fromEntries(wires) as Record<string, string[]> });
}

function tidied(node: FlowNode): FlowNode {
  const { wires, ...rest } = node;
  const left = Object.entries(wires ?? {}).filter(([, targets]) => targets.length > 0);
  return left.length === 0 ? rest : { ...rest, wires: Object.fromEntries(left) };
}

/** Take nodes out of groups, of a subflow's ports and of the layout; a group without nodes goes too. */
function withoutTraces(sheet: Sheet, gone: ReadonlySet<string>): Sheet {
  const keep = (target: string): boolean => !gone.has(parseEndpoint(target).node);
  const { groups, inputs, outputs, ...flow } = sheet.flow;
  const left = Object.entries(groups ?? {})
    .map(([id, group]) => [id, { ...group, nodes: (group.nodes ?? []).filter((node) => !gone.has(node)) }] as const)
    .filter(([, group]) => group.nodes.length > 0);
  const places = Object.entries(sheet.layout.nodes ?? {}).filter(([id]) => !gone.has(id));
  return {
    flow: {
      ...flow,
      ...(groups === undefined || left.length === 0 ? {} : { groups: Object.fromEntries(left) }),
      ...(inputs === undefined
        ? {}
        : { inputs: mapped(inputs, (one) => ({ ...one, targets: one.targets.filter(keep) })) }),
      ...(outputs === undefined
        ? {}
        : { outputs: mapped(outputs, (one) => ({ ...one, sources: one.sources.filter(keep) })) }),
    },
    layout: { ...sheet.layout, nodes: Object.fromEntries(places) },
  };
}

function mapped<V>(record: Record<string, V>, change: (value: V) => V): Record<string, V> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
