import { runOnHost, tryOnHost } from './host-command.ts';
import { isAddress, overlaps } from './private-addresses.ts';
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

/** Removes every rule that names one of the bridges or an address of the range, whoever made it. */
export async function closeFirewall(network: PrivateNetwork, bridges: readonly string[]): Promise<void> {
  for (const table of ['filter', 'nat', 'raw']) await removeRules(table, network, bridges);
}

async function removeRules(
  table: string,
  network: PrivateNetwork,
  bridges: readonly string[],
): Promise<void> {
  const chain = chainOf(network.bridge);
  const rules = (await runOnHost(['iptables', '--wait', '10', '-t', table, '-S'])).split('\n');
  for (const rule of rules.filter((rule) => rule.startsWith('-A ') && mentions(rule, network, bridges))) {
    await tryOnHost(['iptables', '--wait', '10', '-t', table, '-D', ...rule.split(' ').slice(1)]);
  }
  if (rules.includes(`-N ${chain}`)) await tryOnHost(['iptables', '--wait', '10', '-t', table, '-X', chain]);
}

function mentions(rule: string, network: PrivateNetwork, bridges: readonly string[]): boolean {
  return rule
    .split(/[ :]/)
    .some(
      (word) =>
        word === chainOf(network.bridge) ||
        bridges.includes(word) ||
        (isAddress(word) && overlaps(network.range, word)),
    );
}

function chainOf(bridge: string): string {
  return bridge.toUpperCase();
}
