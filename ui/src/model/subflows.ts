/** Subflows: flows with ports, which are node types of their own. */

import type { NodeTypeDetail } from "../api/schema.ts";
import { endpointText, parseEndpoint, type Flow } from "./document.ts";

export const SUBFLOW = "subflow:";
export const SUBFLOW_CATEGORY = "subflow";

export function isSubflow(flow: Flow): boolean {
  return Object.keys(flow.inputs ?? {}).length + Object.keys(flow.outputs ?? {}).length > 0;
}

/** The id of the flow that a node type stands for; `null` for a plain type. */
export function subflowId(type: string): string | null {
  return type.startsWith(SUBFLOW) ? type.slice(SUBFLOW.length) : null;
}

/** A subflow as the palette and the form see it: what it takes are its variables. */
export function typeOf(flow: Flow): NodeTypeDetail {
  return {
    name: SUBFLOW + flow.id,
    label: flow.name === undefined || flow.name === "" ? flow.id : flow.name,
    category: SUBFLOW_CATEGORY,
    summary: flow.description?.split("\n")[0] ?? "",
    icon: "subflow",
    colour: "",
    ports: Object.entries(flow.outputs ?? {}).map(([name, output]) => ({ name, description: output.description ?? "" })),
    own_ports: false,
    has_input: Object.keys(flow.inputs ?? {}).length > 0,
    is_source: false,
    is_stage: false,
    is_resource: false,
    can_try: false,
    is_listener: false,
    outside: false,
    holds: false,
    help: flow.description ?? "",
    config: {
      type: "object",
      properties: Object.fromEntries(
        Object.entries(flow.env ?? {}).map(([name, value]) => [name, { type: "string", title: name, default: value }]),
      ),
    },
    examples: [],
  };
}

/** Which inputs a node takes messages of, by the names of the subflow's ports. */
export function inputsAt(flow: Flow, node: string): string[] {
  return Object.entries(flow.inputs ?? {})
    .filter(([, input]) => input.targets.some((target) => parseEndpoint(target).node === node))
    .map(([name]) => name);
}

/** Which outputs a port of a node gives to, by the names of the subflow's ports. */
export function outputsAt(flow: Flow, node: string): string[] {
  return Object.entries(flow.outputs ?? {})
    .filter(([, output]) => output.sources.some((source) => parseEndpoint(source).node === node))
    .map(([name]) => name);
}

/** A port of a subflow as a person edits it: a name, what it says of itself, and the ends that it is joined to. */
export interface SubflowPort {
  readonly name: string;
  readonly description: string;
  readonly ends: readonly string[];
}

export function portsOf(flow: Flow): { inputs: SubflowPort[]; outputs: SubflowPort[] } {
  const port = (name: string, description: string | undefined, ends: readonly string[]): SubflowPort => ({
    name,
    description: description ?? "",
    ends,
  });
  return {
    inputs: Object.entries(flow.inputs ?? {}).map(([name, one]) => port(name, one.description, one.targets)),
    outputs: Object.entries(flow.outputs ?? {}).map(([name, one]) => port(name, one.description, one.sources)),
  };
}

/** A flow with other ports; one without any is a plain flow. */
export function withPorts(flow: Flow, inputs: readonly SubflowPort[], outputs: readonly SubflowPort[]): Flow {
  const { inputs: _inputs, outputs: _outputs, ...rest } = flow;
  const about = (port: SubflowPort): { description?: string } =>
    port.description === "" ? {} : { description: port.description };
  const made: Flow = { ...rest };
  if (inputs.length > 0) {
    made.inputs = Object.fromEntries(inputs.map((port) => [port.name, { targets: [...port.ends], ...about(port) }]));
  }
  if (outputs.length > 0) {
    made.outputs = Object.fromEntries(outputs.map((port) => [port.name, { sources: [...port.ends], ...about(port) }]));
  }
  return made;
}

/** All ends that a subflow's output can be joined to, as documents write them. */
export function sourcesIn(outputs: ReadonlyMap<string, readonly string[]>): string[] {
  return [...outputs].flatMap(([node, ports]) =>
    ports.map((port) => endpointText({ node, port: ports.length === 1 ? null : port })),
  );
}
