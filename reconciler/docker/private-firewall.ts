import { runOnHost, tryOnHost } from './host-command.ts';
import { contains, isAddress } from './private-addresses.ts';
import type { PrivateNetwork } from './private-network.ts';

/**
 * Lets the engine's containers out, answers back in, and keeps networks apart, without a chain that another dockerd
 * would flush. Used where the engine may not manage the firewall itself because it is not the only one.
 */
export async function openFirewall({ bridge, range }: PrivateNetwork): Promise<void> {
  const chain = chainOf(bridge);
  const rules = [
    '*filter',
    `:${chain} - [0:0]`,
    `-A ${chain} -m physdev --physdev-is-bridged -j ACCEPT`,
    `-A ${chain} -s ${range} -d ${range} -j DROP`,
    `-A ${chain} -s ${range} -j ACCEPT`,
    `-A ${chain} -d ${range} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chain} -d ${range} -j DROP`,
    `-I FORWARD -s ${range} -j ${chain}`,
    `-I FORWARD -d ${range} -j ${chain}`,
    'COMMIT',
    '*nat',
    `-I POSTROUTING -s ${range} ! -d ${range} -j MASQUERADE`,
    'COMMIT',
  ];
  await runOnHost(['iptables-restore', '--wait', '10', '--noflush'], { input: `${rules.join('\n')}\n` });
}

/** Removes every rule of one engine, whether dockerd or {@link openFirewall} made it. Nobody else's is touched. */
export async function closeFirewall(network: PrivateNetwork, bridges: readonly string[]): Promise<void> {
  const engine = { ...network, bridges };
  for (const table of ['filter', 'nat', 'raw']) await removeRules(table, engine);
}

interface EngineAddresses extends PrivateNetwork {
  /** Of the networks that people created on it. */
  readonly bridges: readonly string[];
}

async function removeRules(table: string, engine: EngineAddresses): Promise<void> {
  const chain = chainOf(engine.bridge);
  const rules = (await runOnHost(['iptables', '--wait', '10', '-t', table, '-S'])).split('\n');
  for (const rule of rules.filter((rule) => isRuleOf(engine, rule))) {
    await tryOnHost(['iptables', '--wait', '10', '-t', table, '-D', ...rule.split(' ').slice(1)]);
  }
  if (rules.includes(`-N ${chain}`)) await tryOnHost(['iptables', '--wait', '10', '-t', table, '-X', chain]);
}

/**
 * Whether a line of `iptables -S` was made for this engine: it names one of its bridges or its chain, or masquerades
 * addresses that lie within its range. A rule of the host that merely covers the range is not ours.
 */
export function isRuleOf(engine: EngineAddresses, rule: string): boolean {
  if (!rule.startsWith('-A ')) return false;
  const words = rule.split(/[ :]/);
  const names = new Set([chainOf(engine.bridge), engine.bridge, ...engine.bridges]);
  if (words.some((word) => names.has(word))) return true;
  const addresses = words.filter(isAddress);
  const isMasquerade = rule.startsWith('-A POSTROUTING ') && rule.includes(' -j MASQUERADE');
  return (
    isMasquerade && addresses.length > 0 && addresses.every((address) => contains(engine.range, address))
  );
}

function chainOf(bridge: string): string {
  return bridge.toUpperCase();
}
